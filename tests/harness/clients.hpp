// Clients over sockets, one thread each: a Unix socket that speaks lines, and a WebSocket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <string>

#include "harness/quotad.hpp"

namespace quotad::testing {

class UnixClient {
 public:
  explicit UnixClient(const std::string& path) : socket_(context_) {
    socket_.connect(boost::asio::local::stream_protocol::endpoint(path));
  }
  void send(std::string_view bytes) {
    transcript_.sent(bytes);
    boost::asio::write(socket_, boost::asio::buffer(bytes));
  }
  // The next line without its end; "" at the end of the stream.
  std::string read_line() {
    boost::system::error_code error;
    const std::size_t size =
        boost::asio::read_until(socket_, boost::asio::dynamic_buffer(buffer_), '\n', error);
    if (error) return "";
    std::string line = buffer_.substr(0, size - 1);
    transcript_.received(buffer_.substr(0, size));
    buffer_.erase(0, size);
    return line;
  }
  // The beginning of a message, and its end.
  void send_part(std::string_view text) { send(text); }
  void send_end(std::string_view text) { send(text); }
  Json receive() { return Json::parse(read_line()); }
  Json ask(const Json& message) {
    send(message.dump() + "\n");
    return receive();
  }
  void initialize() { ask(Json::parse(kInitialize)); }
  // Says that nothing more will be sent, and still listens.
  void shutdown_send() { socket_.shutdown(boost::asio::socket_base::shutdown_send); }

 private:
  boost::asio::io_context context_;
  boost::asio::local::stream_protocol::socket socket_;
  std::string buffer_;
  Transcript transcript_;
};

class WebSocketClient {
 public:
  // To the URL that the server printed, with its token.
  explicit WebSocketClient(const std::string& url) : stream_(context_) {
    const std::uint16_t port = port_of(url);
    stream_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port});
    stream_.handshake("127.0.0.1:" + std::to_string(port), target_of(url));
    stream_.text(true);
    stream_.read_message_max(std::size_t{64} << 20U);
  }
  void send(std::string_view text) {
    transcript_.sent(std::string(text) + "\n");
    stream_.write(boost::asio::buffer(text));
  }
  // The beginning of a message.
  void send_part(std::string_view text) {
    transcript_.sent(text);
    stream_.write_some(false, boost::asio::buffer(text));
  }
  // What need not be frames.
  void send_bytes(std::string_view bytes) {
    boost::asio::write(stream_.next_layer(), boost::asio::buffer(bytes));
  }
  // The end of a message that has begun.
  void send_end(std::string_view text) {
    transcript_.sent(std::string(text) + "\n");
    stream_.write_some(true, boost::asio::buffer(text));
  }
  Json receive() {
    boost::beast::flat_buffer buffer;
    stream_.read(buffer);
    const std::string text = boost::beast::buffers_to_string(buffer.data());
    transcript_.received(text + "\n");
    return Json::parse(text);
  }
  Json ask(const Json& message) {
    send(message.dump());
    return receive();
  }
  void initialize() { ask(Json::parse(kInitialize)); }
  // The code that the server closes with, when it does.
  boost::beast::websocket::close_reason wait_for_close() {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    while (!error) {
      stream_.read(buffer, error);
      buffer.clear();
    }
    return stream_.reason();
  }
  void close() { stream_.close(boost::beast::websocket::close_code::normal); }
  // Goes away without a word.
  void drop() { stream_.next_layer().close(); }

 private:
  boost::asio::io_context context_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_;
  Transcript transcript_;
};

}  // namespace quotad::testing
