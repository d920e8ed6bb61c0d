#include "bad_clients.hpp"

#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "web_socket.hpp"

namespace quotad::bench {
namespace {

// A request with a large answer, and one that is answered at once.
const std::string kLargeAnswer = R"({"id":1,"method":"rpc.discover"})";
const std::string kSmallAnswer = R"({"id":1,"method":"account/read","params":{}})";

std::string large_message() {
  std::string text = R"({"id":1,"method":"account/read","params":{"pad":[1)";
  while (text.size() < 900'000) text += R"(,{"a":[]})";
  return text + "]}}";
}

std::string large_batch() {
  std::string text = "[" + kSmallAnswer;
  for (int i = 1; i < 256; ++i) text += "," + kSmallAnswer;
  return text + "]";
}

// Connections, and a thread that does something with each of them; both end with it.
class Crowd {
 public:
  using Work = std::function<void(WebSocket&)>;

  Crowd(std::uint16_t port, int count) {
    for (int i = 0; i < count; ++i) {
      try {
        WebSocket socket(port);
        socket.send(
            R"({"id":0,"method":"initialize","params":{"clientInfo":{"name":"b","version":"1"}}})");
        socket.receive();
        sockets_.push_back(std::move(socket));
      } catch (const std::runtime_error&) {
        // The server takes no more of them.
      }
    }
  }
  ~Crowd() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    over_.notify_all();
    for (const WebSocket& socket : sockets_) shutdown(socket.descriptor(), SHUT_RDWR);
    for (std::thread& thread : threads_) thread.join();
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Each does it once, here.
  void once(const Work& work) {
    for (WebSocket& socket : sockets_) work(socket);
  }
  // Each sends that once, if the server lets it.
  void once_each(const std::string& bytes) {
    once([&](WebSocket& socket) {
      try {
        socket.send_bytes(bytes);
      } catch (const std::runtime_error&) {
        // It has had enough.
      }
    });
  }
  // Each does it again and again, as fast as it can.
  void without_end(const Work& work) {
    for (WebSocket& socket : sockets_) {
      threads_.emplace_back([&socket, work] {
        try {
          for (;;) work(socket);
        } catch (const std::runtime_error&) {
          // The server has had enough of it, or this crowd ends.
        }
      });
    }
  }
  void each_second(const Work& work) {
    threads_.emplace_back([this, work] {
      std::unique_lock lock(mutex_);
      while (!over_.wait_for(lock, std::chrono::seconds(1), [this] { return is_over_; })) {
        for (WebSocket& socket : sockets_) work(socket);
      }
    });
  }

 private:
  std::vector<WebSocket> sockets_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
};

BadClients flood(std::string what, int clients, const std::string& message, int at_once) {
  std::string messages;
  for (int i = 0; i < at_once; ++i) messages += WebSocket::framed(message);
  return {std::move(what), [=](std::uint16_t port) {
            auto crowd = std::make_shared<Crowd>(port, clients);
            crowd->without_end([=](WebSocket& socket) {
              socket.send_bytes(messages);
              for (int i = 0; i < at_once; ++i) socket.receive();
            });
            return crowd;
          }};
}

}  // namespace

std::vector<BadClients> bad_clients() {
  const auto ask_much = [](WebSocket& socket) {
    for (int i = 0; i < 60; ++i) socket.send(kLargeAnswer);
  };
  return {
      {"100 that never read",
       [=](std::uint16_t port) {
         auto crowd = std::make_shared<Crowd>(port, 100);
         crowd->once(ask_much);
         return crowd;
       }},
      {"100 that read a byte a second",
       [=](std::uint16_t port) {
         auto crowd = std::make_shared<Crowd>(port, 100);
         crowd->once(ask_much);
         crowd->each_second([](WebSocket& socket) {
           char byte = 0;
           recv(socket.descriptor(), &byte, 1, MSG_DONTWAIT);
         });
         return crowd;
       }},
      {"100 that send a byte a second",
       [](std::uint16_t port) {
         auto crowd = std::make_shared<Crowd>(port, 100);
         const std::string head =
             "\x81\xFE\x10";  // of a frame with 4 KiB, in the middle of its length
         crowd->once([=](WebSocket& socket) {
           ::send(socket.descriptor(), head.data(), head.size(), MSG_NOSIGNAL);
         });
         crowd->each_second(
             [](WebSocket& socket) { ::send(socket.descriptor(), "", 1, MSG_NOSIGNAL); });
         return crowd;
       }},
      {"200 that do not finish messages of 0.9 MB",
       [](std::uint16_t port) {
         auto crowd = std::make_shared<Crowd>(port, 200);
         std::string most = WebSocket::framed(large_message());
         most.pop_back();
         crowd->once_each(most);
         return crowd;
       }},
      {"10,000 connections (8,192 are let in)",
       [](std::uint16_t port) { return std::make_shared<Crowd>(port, 10'000); }},
      flood("one that floods requests", 1, kSmallAnswer, 200),
      flood("20 that flood requests", 20, kSmallAnswer, 200),
      flood("1,000 that flood requests", 1'000, kSmallAnswer, 200),
      flood("8 that flood batches of 256", 8, large_batch(), 2),
      flood("8 that flood messages of 0.9 MB", 8, large_message(), 2),
  };
}

}  // namespace quotad::bench
