// Standard input and output as asynchronous streams.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "transport/byte_connection.hpp"

namespace quotad::transport {

using Descriptor = boost::asio::posix::stream_descriptor;

// Streams over stdin and stdout. Non-blocking mode belongs to an open file, not to a descriptor,
// so pipes and terminals, which others may share (the shell, stderr), are opened anew for it.
Streams<Descriptor, Descriptor> open_stdio(const boost::asio::any_io_executor& executor);

}  // namespace quotad::transport
