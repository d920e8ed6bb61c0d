// The simulator on a port: the service's routes with their faults, and `/_simulator/…` to steer it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "simulator/scenario.hpp"
#include "simulator/service.hpp"

namespace quotad::simulator {

class HttpServer {
 public:
  // Listens on 127.0.0.1; port 0 lets the system pick. Throws boost::system::system_error.
  HttpServer(const boost::asio::any_io_executor& executor, std::uint16_t port, Scenario scenario,
             Clock clock);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "http://127.0.0.1:PORT"
  std::string url() const;

  // Stops listening and drops every connection.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quotad::simulator
