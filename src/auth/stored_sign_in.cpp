#include "auth/stored_sign_in.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <system_error>
#include <variant>

#include "auth/pause.hpp"
#include "quotad/protocol/error.hpp"
#include "system/wipe.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::Error;
using Clock = std::chrono::steady_clock;

namespace {

// How often a file that holds no JSON is looked at again.
constexpr std::chrono::milliseconds kHalfWrittenPoll{10};

}  // namespace

asio::awaitable<SignInPointer> StoredSignIn::current() {
  for (;;) {
    look();
    // A program that does not replace the file but writes into it leaves it broken for a moment.
    const auto give_up_at = Clock::now() + common_.options.half_written_wait;
    while (half_written_ && Clock::now() < give_up_at) {
      co_await pause(common_.executor, kHalfWrittenPoll);
      look();
    }
    if (half_written_) {
      half_written_ = false;
      keep(std::nullopt, "");
      sign_in_ = unusable(half_written_words());
    }
    if (!unknown_) co_return sign_in_;
    const UnknownPerson asked = *unknown_;
    SignInPointer found = co_await identities_.identify(asked, Identities::Place::kFile);
    // The file may hold something else by now.
    look();
    if (!half_written_ && unknown_ && unknown_->token == asked.token) co_return found;
  }
}

SignIn StoredSignIn::glance() {
  look();
  if (half_written_) return nobody_because(half_written_words());
  if (unknown_) return Identities::glance(*unknown_);
  return *sign_in_;
}

std::string StoredSignIn::half_written_words() const {
  return "cannot use " + place_.name() +
         ": it is not a JSON object; sign in again with `codex login`";
}

void StoredSignIn::keep(std::optional<UnknownPerson> unknown, std::string refresh_token) {
  if (unknown_) system::wipe(unknown_->token);
  system::wipe(refresh_token_);
  unknown_ = std::move(unknown);
  refresh_token_ = std::move(refresh_token);
}

SignInPointer StoredSignIn::look() {
  read_if_changed();
  give_up_if_over();
  return sign_in_;
}

bool StoredSignIn::has_run_out(const SignIn& sign_in) const {
  return sign_in.kind == SignIn::Kind::kChatgpt && sign_in.expires_at &&
         *sign_in.expires_at <= common_.now();
}

// A token that has run out, and can no longer be renewed, is no sign-in.
void StoredSignIn::give_up_if_over() {
  if (!sign_in_ || !has_run_out(*sign_in_)) return;
  if (const auto why = common_.refused_tokens.why(refresh_token_)) give_up(*why);
}

void StoredSignIn::give_up(const std::string& why) {
  sign_in_ = common_.maker.make(nobody_because(why));
}

// A stat for each call, and a read of a few kilobytes when the file has changed: cheaper than the way to a
// worker thread and back.
void StoredSignIn::read_if_changed() {
  try {
    const auto stamp = place_.stamp();
    if (has_looked_ && stamp == stamp_ && !half_written_) return;
    has_looked_ = false;
    half_written_ = false;
    if (auto content = stamp ? place_.read() : std::nullopt) {
      take_over(*content);
      return;
    }
    has_looked_ = true;
    stamp_.reset();
    keep(std::nullopt, "");
    sign_in_ = common_.maker.make(nobody_stored());
  } catch (const Error& error) {
    // A file that cannot be read is looked at again on every call, one of the wrong shape is not.
    keep(std::nullopt, "");
    sign_in_ = unusable(error.what());
  }
}

SignIn StoredSignIn::nobody_stored() const {
  std::error_code unknown;
  if (!std::filesystem::exists(home_, unknown) && !unknown) {
    return nobody_because("the folder " + home_ + " does not exist" +
                          (home_origin_.empty() ? "" : " (" + home_origin_ + ")"));
  }
  if (!may_be_in_keyring_) return {};
  return nobody_because("there is no " + place_.name() +
                        ", and the system's keyring is not read; set cli_auth_credentials_store = "
                        "\"file\" in config.toml and sign in again with `codex login`");
}

// Nobody, because of the file; the log is told once.
SignInPointer StoredSignIn::unusable(const std::string& why) {
  if (sign_in_ && sign_in_->problem == why) return sign_in_;
  spdlog::warn("{}", why);
  return common_.maker.make(nobody_because(why));
}

void StoredSignIn::take_over(Content& content) {
  parse(content);
  system::wipe(content.text);
}

void StoredSignIn::parse(const Content& content) {
  has_looked_ = true;
  stamp_ = content.stamp;
  auto stored = parse_auth_file(content.text, place_.name());
  if (!stored) {
    half_written_ = true;  // what was there before counts until it is clear that this is all
    return;
  }
  if (unsaved_ && stored->refresh_token == unsaved_->spent_refresh_token) {
    std::string text = with_fresh_tokens(content.text, unsaved_->tokens, common_.now());
    stored = parse_auth_file(text, place_.name());
    system::wipe(text);
  }
  if (stored->refresh_token != refresh_token_ && on_other_refresh_token_) {
    on_other_refresh_token_();
  }
  if (auto* unknown = std::get_if<UnknownPerson>(&stored->who)) {
    keep(std::move(*unknown), "");
    sign_in_.reset();
    return;
  }
  keep(std::nullopt, std::move(stored->refresh_token));
  sign_in_ = common_.maker.make(std::move(std::get<SignIn>(stored->who)));
}

void StoredSignIn::set_unsaved(std::optional<Unsaved> unsaved) {
  unsaved_ = std::move(unsaved);
  forget();
}

}  // namespace quotad::auth
