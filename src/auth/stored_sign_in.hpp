// The sign-in that is stored, mostly in `auth.json`, looked up again whenever what is there has changed.
//
// Called by CredentialStore, which decides whether it counts, and by TokenRenewal. How it is read and
// written is the business of its place.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "auth/auth_json.hpp"
#include "auth/credential_place.hpp"
#include "auth/identities.hpp"
#include "auth/refused_tokens.hpp"
#include "auth/sign_in.hpp"

namespace quotad::auth {

// Must outlive every call that it has been asked for. For one thread.
class StoredSignIn {
 public:
  struct Options {
    std::string home_origin;                      // see StoreOptions
    std::chrono::milliseconds half_written_wait;  // likewise
    std::function<std::int64_t()> clock;          // Unix seconds
  };
  // `home` is the folder that the place is of.
  StoredSignIn(boost::asio::any_io_executor executor, std::filesystem::path home,
               CredentialPlace& place, Identities& identities, RefusedTokens& refused_tokens,
               SignInMaker& maker, Options options)
      : executor_(std::move(executor)),
        home_(std::move(home)),
        place_(place),
        identities_(identities),
        refused_tokens_(refused_tokens),
        maker_(maker),
        options_(std::move(options)) {}

  const std::filesystem::path& home() const { return home_; }
  CredentialPlace& place() const { return place_; }

  // Whether the credentials may be in the keyring where there are none; said of nobody.
  void may_be_in_keyring(bool may_be) { may_be_in_keyring_ = may_be; }
  // Called when the place holds another refresh token than before.
  void on_other_refresh_token(std::function<void()> tell) {
    on_other_refresh_token_ = std::move(tell);
  }

  // Who is signed in. A file that is half written is waited for. Throws what AuthApi throws.
  boost::asio::awaitable<SignInPointer> current();

  // The sign-in as it is stored now; null if it does not say whose it is, or is half written.
  SignInPointer look();
  // What it says by itself, without the network.
  SignIn glance();

  // What was stored at the last look; the sign-in is null as above.
  const SignInPointer& last() const { return sign_in_; }
  const std::string& refresh_token() const { return stored_.refresh_token; }

  // `content` has been written; it is wiped.
  void take_over(Content& content);
  // The next look reads even what has not changed.
  void forget() { has_looked_ = false; }
  // Until something else is stored nobody is signed in, because of `why`.
  void give_up(const std::string& why);
  bool has_run_out(const SignIn& sign_in) const;

  // Renewed tokens that could not be written, and the one that was spent for them. As long as that one
  // is stored, they stand for what is stored.
  struct Unsaved {
    std::string spent_refresh_token;
    FreshTokens tokens;
  };
  const std::optional<Unsaved>& unsaved() const { return unsaved_; }
  void set_unsaved(std::optional<Unsaved> unsaved);

 private:
  std::string half_written_words() const;
  // Overwrites what was kept of the file before.
  void keep(Stored stored);
  void read_if_changed();
  void give_up_if_over();
  SignIn nobody_stored() const;
  void parse(const Content& content);
  SignInPointer unusable(const std::string& why);

  boost::asio::any_io_executor executor_;
  std::filesystem::path home_;
  CredentialPlace& place_;
  Identities& identities_;
  RefusedTokens& refused_tokens_;
  SignInMaker& maker_;
  Options options_;
  bool may_be_in_keyring_ = false;
  std::function<void()> on_other_refresh_token_;

  // What was stored when it was last read, and of which state that was.
  bool has_looked_ = false;
  std::optional<Stamp> stamp_;
  Stored stored_;
  SignInPointer sign_in_;
  bool half_written_ = false;  // it holds no JSON: somebody may be writing it

  std::optional<Unsaved> unsaved_;
};

}  // namespace quotad::auth
