// One client's conversation: handshake, dialect, dispatch, requests in flight, errors to codes.
//
// Made by a transport for each connection. The transport gives it messages, one text each, and
// takes answers through `Out`; the session knows nothing of bytes, framings or sockets.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "quotad/protocol/envelope.hpp"
#include "quotad/protocol/methods.hpp"
#include "rpc/audience.hpp"
#include "rpc/dispatcher.hpp"
#include "rpc/peer.hpp"

namespace quotad::rpc {

struct Limits {
  std::size_t max_message_bytes = std::size_t{1} << 20U;
  std::size_t max_depth = 128;
  std::size_t max_id_bytes = protocol::kMaxIdBytes;
  std::size_t max_batch = 256;              // messages in one batch
  std::size_t max_in_flight = 1024;         // requests of one connection
  std::size_t max_in_flight_in_all = 8192;  // of all connections
  // Answers that a client has not read: no more of its requests are read until it does.
  std::size_t max_unread_bytes = std::size_t{4} << 20U;
};

// What `initialize` tells, but for the part that comes from the client.
struct ServerInfo {
  std::string codex_home;
  std::string protocol_version;  // the reference's version that this server stands in for
  std::string system;            // "Debian 12; x86_64"
  std::string server;            // "quotad/0.1.0"
  std::string version;           // "0.1.0"
};

// What the sessions of a server share.
struct Common {
  ServerInfo info;
  Limits limits;
  std::size_t in_flight = 0;  // requests of all connections
  std::string discovery;      // the answer to rpc.discover, once somebody has asked
};

class Session : public Hearer, public Peer, public std::enable_shared_from_this<Session> {
 public:
  // The way to the client. Nothing of it is called after `abandon`.
  struct Out {
    std::function<void(std::string)> send;  // one message
    // How many bytes of answers wait for the others of their batches, whenever that changes.
    std::function<void(std::size_t)> hold;
  };

  // `dispatcher` must outlive the session's work.
  Session(boost::asio::any_io_executor executor, const Dispatcher& dispatcher,
          std::shared_ptr<Audience> audience, std::shared_ptr<Common> common, Out out);
  ~Session() override;

  // Whether the client is initialized and has not opted out of `method`.
  bool wants(std::string_view method) const override;
  void notify(std::string_view method, const protocol::OrderedJson& params,
              std::int64_t emitted_at_ms) override;

  boost::asio::awaitable<protocol::Json> ask(std::string_view method, protocol::OrderedJson params,
                                             std::chrono::milliseconds limit) override;

  // One message, or a batch. Answers go out through `send`, now or later, as they finish.
  void receive(std::string_view text);

  // A message that the transport could not even take in.
  void refuse(const protocol::Error& error);

  // From now on requests are answered with kOverloaded: the server is about to stop.
  void refuse_new_requests() { refusing_ = true; }

  // Answers everything that is in flight with an error, because the server must stop now. What may
  // be cancelled is; of a redemption the client is told that its outcome is not known.
  void give_up();

  // To be called when nothing more will be received. Ends when every request received so far has been
  // answered.
  boost::asio::awaitable<void> drained();

  // The client is gone: nothing more is sent, and what may be cancelled is.
  void abandon();

  // Whether something depends on an answer of the client's.
  bool is_asking() const { return !questions_.empty(); }

  const Limits& limits() const { return common_->limits; }

 private:
  struct Batch;
  struct InFlight {
    protocol::Dialect dialect = protocol::Dialect::kLite;
    protocol::RequestId id;
    bool spends = false;
    std::shared_ptr<Batch> batch;
    boost::asio::cancellation_signal cancel;
  };

  // A request of ours that the client has not answered yet.
  struct Question {
    explicit Question(const boost::asio::any_io_executor& executor) : settled(executor) {}
    std::optional<protocol::Message> answer;
    bool is_hopeless = false;  // nothing more will be received
    boost::asio::steady_timer settled;
  };

  void take_answer(protocol::Message message);
  void give_up_questions();
  void receive_batch(protocol::Json messages);
  void handle(protocol::Json json, const std::shared_ptr<Batch>& batch);
  void handle_request(protocol::Message message, const std::shared_ptr<Batch>& batch);
  void start(protocol::Message message, Dispatcher::Work work, const std::shared_ptr<Batch>& batch);
  boost::asio::awaitable<void> answer_with(protocol::Message message, Dispatcher::Work work,
                                           std::shared_ptr<Batch> batch);
  std::string initialize(const protocol::Message& message);
  void answer(std::string answer, const std::shared_ptr<Batch>& batch);
  void fail(protocol::Dialect dialect, const std::optional<protocol::RequestId>& id,
            const protocol::Error& error, const std::shared_ptr<Batch>& batch);
  void send(std::string message);
  void send(Batch& batch);
  void hold(std::size_t more, std::size_t less);
  void cancel_all();
  protocol::Error unknown_method(const protocol::Message& message) const;

  boost::asio::any_io_executor executor_;
  const Dispatcher& dispatcher_;
  std::shared_ptr<Audience> audience_;  // which may outlive the server
  std::shared_ptr<Common> common_;
  Out out_;
  std::size_t held_ = 0;  // bytes of answers in batches that are not complete
  bool abandoned_ = false;
  bool refusing_ = false;
  bool given_up_ = false;
  bool initialized_ = false;
  // Of messages without a dialect of their own: that of `initialize`, lite before it.
  protocol::Dialect dialect_ = protocol::Dialect::kLite;
  std::set<std::string, std::less<>> opted_out_;  // of these notifications
  std::list<InFlight> in_flight_;
  std::map<std::int64_t, std::shared_ptr<Question>> questions_;
  std::int64_t next_question_ = 0;  // the reference counts from 0, too
  bool input_is_over_ = false;
  boost::asio::steady_timer idle_;  // cancelled when the last request in flight is answered
};

}  // namespace quotad::rpc
