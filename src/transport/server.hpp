// Every listener of the process, and the connections they have taken.
//
// Made by src/cli, which gives it sessions to hand out. It knows addresses, sockets and how to
// stop; what is said on a connection is the session's.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <string>

#include "transport/connection.hpp"
#include "transport/door.hpp"
#include "transport/listen_address.hpp"

namespace quotad::transport {

class Server {
 public:
  Server(boost::asio::any_io_executor executor, MakeSession make_session, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts to serve there. For sockets, gives the URL that clients connect to, with the port that
  // was picked. Throws protocol::Error (kInternal) that says why it cannot.
  std::string listen(const ListenAddress& address);

  // Runs the executor's context until nothing is left to be done there. Run otherwise, it does not know when it is
  // idle, and nobody ever pays for the use of it (transport/fairness.hpp).
  void run(boost::asio::io_context& context) { door_->turns.idle.run(context); }

  // Ends when nothing is left to serve: no listener and no connection.
  boost::asio::awaitable<void> finished();

  // Stops listening, and every connection once what is in flight is answered.
  void stop();

  // Answers what is in flight on every connection with errors.
  void give_up();

 private:
  class Listener;

  void adopt(std::shared_ptr<Connection> connection);
  bool has_room();
  void check_finished();

  boost::asio::any_io_executor executor_;
  MakeSession make_session_;
  std::shared_ptr<Door> door_;
  std::list<std::unique_ptr<Listener>> listeners_;
  std::list<std::shared_ptr<Connection>> connections_;
  bool stopping_ = false;
  bool was_full_ = false;
  Event finished_;
};

}  // namespace quotad::transport
