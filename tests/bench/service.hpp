// The service that programs are measured in front of: nginx with fixed answers on loopback, and a relay
// that makes every byte travel for a while.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "harness/process.hpp"

namespace quotad::bench {

class Nginx {
 public:
  // Starts it in a folder of its own; with `tls`, also over TLS with a certificate of its own.
  explicit Nginx(bool tls = false);
  ~Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  // "http://127.0.0.1:PORT"
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }
  std::string certificate() const { return folder_.file("cert.pem"); }
  // How many calls it has answered so far.
  std::size_t calls() const;

 private:
  testing::TemporaryFolder folder_;
  std::uint16_t port_;
  std::uint16_t tls_port_;
  std::unique_ptr<testing::Process> process_;
};

// Passes bytes on between its port and another one, `one_way` later.
class DelayingRelay {
 public:
  DelayingRelay(std::uint16_t to, std::chrono::milliseconds one_way);
  ~DelayingRelay();
  DelayingRelay(const DelayingRelay&) = delete;
  DelayingRelay& operator=(const DelayingRelay&) = delete;
  std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::thread thread_;
};

}  // namespace quotad::bench
