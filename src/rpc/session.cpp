#include "rpc/session.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <tuple>
#include <utility>
#include <variant>

#include "protocol/openrpc.hpp"
#include "quotad/protocol/json_text.hpp"
#include "rpc/wire_error.hpp"

namespace quotad::rpc {
namespace asio = boost::asio;
using protocol::Dialect;
using protocol::Error;
using protocol::ErrorKind;
using protocol::Message;
using protocol::OrderedJson;

namespace {

// Longest method name that an error or the log repeats, in bytes.
constexpr std::size_t kMaxMethodEcho = 200;

std::string shorten(const std::string& name) {
  return name.size() <= kMaxMethodEcho ? name : name.substr(0, kMaxMethodEcho) + "…";
}

bool is_notification_of_ours(std::string_view method) {
  return std::apply([&](const auto&... each) { return ((each.kName == method) || ...); },
                    protocol::ServerNotifications{});
}

}  // namespace

// The answers to one batch, sent as one array when the last is there.
struct Session::Batch {
  std::vector<std::string> answers;
  std::size_t bytes = 0;  // of them
  std::size_t waiting = 0;
};

Session::Session(asio::any_io_executor executor, const Dispatcher& dispatcher,
                 std::shared_ptr<Audience> audience, std::shared_ptr<Common> common, Out out)
    : executor_(std::move(executor)),
      dispatcher_(dispatcher),
      audience_(std::move(audience)),
      common_(std::move(common)),
      out_(std::move(out)),
      idle_(executor_, asio::steady_timer::time_point::max()) {
  audience_->join(*this);
}

Session::~Session() { audience_->leave(*this); }

bool Session::wants(std::string_view method) const {
  return initialized_ && !abandoned_ && opted_out_.count(method) == 0;
}

void Session::notify(std::string_view method, const OrderedJson& params,
                     std::int64_t emitted_at_ms) {
  if (!wants(method)) return;
  send(protocol::to_text(protocol::notification(dialect_, method, params, emitted_at_ms)));
}

asio::awaitable<protocol::Json> Session::ask(std::string_view method, OrderedJson params,
                                             std::chrono::milliseconds limit) {
  const auto gone = [] { return Error(ErrorKind::kOverloaded, "the client is gone"); };
  if (abandoned_ || input_is_over_) throw gone();
  const std::int64_t id = next_question_++;
  const auto question = std::make_shared<Question>(executor_);
  questions_[id] = question;
  question->settled.expires_after(limit);
  send(protocol::to_text(protocol::request(dialect_, id, method, std::move(params))));
  // Not before the question is entered: an answer may come at once.
  if (!question->answer && !question->is_hopeless) {
    co_await question->settled.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  questions_.erase(id);
  if (question->answer) {
    protocol::Message& answer = *question->answer;
    if (answer.result) co_return std::move(*answer.result);
    // Its words may hold anything, also a token.
    throw Error(ErrorKind::kInternal,
                "the client answered " + std::string(method) + " with an error");
  }
  if (question->is_hopeless) throw gone();
  throw Error(ErrorKind::kTimeout, "the client did not answer " + std::string(method) + " within " +
                                       std::to_string(limit.count()) + " ms");
}

void Session::take_answer(Message message) {
  const auto* id = std::get_if<std::int64_t>(&*message.id);
  const auto question = id != nullptr ? questions_.find(*id) : questions_.end();
  if (question == questions_.end()) {
    spdlog::debug("ignoring an answer to nothing that was asked");
    return;
  }
  question->second->answer = std::move(message);
  question->second->settled.cancel();
  questions_.erase(question);
}

void Session::give_up_questions() {
  for (const auto& [id, question] : questions_) {
    question->is_hopeless = true;
    question->settled.cancel();
  }
  questions_.clear();
}

void Session::receive(std::string_view text) {
  protocol::Json json;
  try {
    json = protocol::parse_text(
        text, {.max_message_bytes = limits().max_message_bytes, .max_depth = limits().max_depth});
  } catch (const Error& error) {
    refuse(error);
    return;
  }
  if (json.is_array()) {
    receive_batch(std::move(json));
  } else {
    handle(std::move(json), nullptr);
  }
}

void Session::refuse(const Error& error) { fail(dialect_, std::nullopt, error, nullptr); }

void Session::receive_batch(protocol::Json messages) {
  if (messages.empty()) {
    refuse(Error(ErrorKind::kInvalidRequest, "an empty batch; expected at least one message"));
    return;
  }
  if (messages.size() > limits().max_batch) {
    refuse(Error(ErrorKind::kInvalidRequest,
                 "a batch of " + std::to_string(messages.size()) + " messages; the limit is " +
                     std::to_string(limits().max_batch) + " (--max-batch)"));
    return;
  }
  auto batch = std::make_shared<Batch>();
  ++batch->waiting;  // held until every message is taken in
  for (auto& message : messages) handle(std::move(message), batch);
  --batch->waiting;
  if (batch->waiting == 0 && !batch->answers.empty()) send(*batch);
}

void Session::handle(protocol::Json json, const std::shared_ptr<Batch>& batch) {
  auto parsed = protocol::parse_message(std::move(json), limits().max_id_bytes);
  if (const auto* malformed = std::get_if<protocol::Malformed>(&parsed)) {
    fail(malformed->dialect.value_or(dialect_), malformed->id, malformed->error, batch);
    return;
  }
  auto& message = std::get<Message>(parsed);
  switch (message.kind) {
    case Message::Kind::kRequest:
      handle_request(std::move(message), batch);
      break;
    case Message::Kind::kNotification:
      // `initialized` needs nothing done. Whatever else comes without an id is not acted on: a
      // request that nobody can hear the answer of must not spend anything.
      if (message.method != "initialized") {
        spdlog::debug("ignoring the notification {}", shorten(message.method));
      }
      break;
    case Message::Kind::kResponse:
      take_answer(std::move(message));
      break;
  }
}

void Session::handle_request(Message message, const std::shared_ptr<Batch>& batch) {
  try {
    if (message.method == protocol::Initialize::kName) {
      const std::string result = initialize(message);
      answer(protocol::result_answer(message.dialect, *message.id, result), batch);
      return;
    }
    if (message.method == protocol::Discover::kName) {
      Dispatcher::params_of<protocol::Discover>(message.params);
      std::string& document = common_->discovery;
      if (document.empty()) {
        document = protocol::to_text(protocol::openrpc_document(
            protocol::model(), protocol::examples(), common_->info.version));
      }
      answer(protocol::result_answer(message.dialect, *message.id, document), batch);
      return;
    }
    const Dispatcher::Entry* entry = dispatcher_.find(message.method);
    if (entry == nullptr) throw unknown_method(message);
    Dispatcher::Work work = (*entry)(message.params, shared_from_this());
    if (!initialized_) throw Error(ErrorKind::kNotInitialized, "Not initialized");
    if (refusing_ || in_flight_.size() >= limits().max_in_flight ||
        common_->in_flight >= limits().max_in_flight_in_all) {
      throw Error(ErrorKind::kOverloaded, "Server overloaded; retry later.");
    }
    message.params.reset();
    start(std::move(message), std::move(work), batch);
  } catch (const Error& error) {
    fail(message.dialect, message.id, error, batch);
  }
}

std::string Session::initialize(const Message& message) {
  const auto params = Dispatcher::params_of<protocol::Initialize>(message.params);
  if (initialized_) throw Error(ErrorKind::kNotInitialized, "Already initialized");
  initialized_ = true;
  dialect_ = message.dialect;
  if (params.capabilities && params.capabilities->opt_out_notification_methods) {
    // Of those that there are: whatever else a client names is not kept for it.
    for (const std::string& method : *params.capabilities->opt_out_notification_methods) {
      if (is_notification_of_ours(method)) opted_out_.insert(method);
    }
  }
  const protocol::ClientInfo& client = params.client_info;
  spdlog::debug("a client calls itself {} {}", shorten(client.name), shorten(client.version));
  std::string result;
  protocol::write(
      protocol::InitializeResponse{
          .user_agent = client.name + "/" + common_->info.protocol_version + " (" +
                        common_->info.system + ") " + common_->info.server + " (" + client.name +
                        ";" + (client.version.empty() ? "" : " " + client.version) + ")",
          .codex_home = {common_->info.codex_home},
          .platform_family = "unix",
          .platform_os = "linux"},
      result);
  return result;
}

Error Session::unknown_method(const Message& message) const {
  const std::string name = shorten(message.method);
  if (message.dialect == Dialect::kV2) {
    return {ErrorKind::kMethodNotFound, "Method not found: " + name};
  }
  std::string words = "unknown variant `" + name + "`, expected one of `" +
                      std::string(protocol::Initialize::kName) + "`";
  for (const auto& [known, entry] : dispatcher_.entries()) words += ", `" + known + "`";
  words += ", `" + std::string(protocol::Discover::kName) + "`";
  return {ErrorKind::kMethodNotFound, words};
}

void Session::start(Message message, Dispatcher::Work work, const std::shared_ptr<Batch>& batch) {
  in_flight_.emplace_front();
  ++common_->in_flight;
  const auto place = in_flight_.begin();
  place->dialect = message.dialect;
  place->id = *message.id;
  place->spends = message.method == protocol::ConsumeResetCredit::kName;
  place->batch = batch;
  if (batch) ++batch->waiting;
  asio::co_spawn(
      executor_, answer_with(std::move(message), std::move(work), batch),
      asio::bind_cancellation_slot(place->cancel.slot(),
                                   [self = shared_from_this(), place](const std::exception_ptr&) {
                                     self->in_flight_.erase(place);
                                     --self->common_->in_flight;
                                     if (self->in_flight_.empty()) self->idle_.cancel();
                                   }));
}

asio::awaitable<void> Session::answer_with(Message message, Dispatcher::Work work,
                                           std::shared_ptr<Batch> batch) {
  std::string reply;
  try {
    const std::string result = co_await std::move(work);
    reply = protocol::result_answer(message.dialect, *message.id, result);
  } catch (const Error& error) {
    spdlog::debug("{} failed: {}", message.method, protocol::wire_name(error.kind()));
    reply = protocol::to_text(error_answer(message.dialect, message.id, error));
  } catch (const std::exception& error) {
    if (abandoned_) co_return;
    spdlog::error("{} failed inside: {}", message.method, error.what());
    const Error inside(ErrorKind::kInternal, "internal error; the server's log says more");
    reply = protocol::to_text(error_answer(message.dialect, message.id, inside));
  }
  if (batch) --batch->waiting;
  answer(std::move(reply), batch);
}

void Session::answer(std::string answer, const std::shared_ptr<Batch>& batch) {
  if (!batch) {
    send(std::move(answer));
    return;
  }
  batch->bytes += answer.size();
  hold(answer.size(), 0);
  batch->answers.push_back(std::move(answer));
  if (batch->waiting == 0) send(*batch);
}

void Session::fail(Dialect dialect, const std::optional<protocol::RequestId>& id,
                   const Error& error, const std::shared_ptr<Batch>& batch) {
  answer(protocol::to_text(error_answer(dialect, id, error)), batch);
}

void Session::send(std::string message) {
  if (!abandoned_) out_.send(std::move(message));
}

void Session::send(Batch& batch) {
  std::string all = "[";
  all.reserve(batch.bytes + batch.answers.size() + 2);
  for (const std::string& answer : batch.answers) {
    if (all.size() > 1) all += ',';
    all += answer;
  }
  batch.answers.clear();
  hold(0, batch.bytes);
  send(std::move(all += ']'));
}

void Session::hold(std::size_t more, std::size_t less) {
  held_ += more;
  held_ -= less;
  if (!abandoned_) out_.hold(held_);
}

asio::awaitable<void> Session::drained() {
  input_is_over_ = true;
  give_up_questions();
  while (!in_flight_.empty() && !given_up_) {
    co_await idle_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void Session::give_up() {
  if (abandoned_) return;
  for (const InFlight& request : in_flight_) {
    protocol::ErrorData data{.kind = ErrorKind::kOverloaded, .retryable = true};
    if (request.spends) {
      data.kind = ErrorKind::kTimeout;
      data.outcome_unknown = true;
    }
    if (request.batch) --request.batch->waiting;
    fail(request.dialect, request.id, Error(data, "the server stopped before the service answered"),
         request.batch);
  }
  abandoned_ = true;  // whatever comes now comes too late
  given_up_ = true;
  idle_.cancel();
  give_up_questions();
  cancel_all();
}

void Session::abandon() {
  if (std::exchange(abandoned_, true)) return;
  give_up_questions();
  cancel_all();
}

void Session::cancel_all() {
  // Cancelling may finish a request on the spot and take it off the list.
  for (auto next = in_flight_.begin(); next != in_flight_.end();) {
    auto& request = *next++;
    request.cancel.emit(asio::cancellation_type::terminal);
  }
}

}  // namespace quotad::rpc
