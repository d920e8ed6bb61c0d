// The sign-in that `auth.json` holds, looked up again whenever the file has changed.
//
// Called by CredentialStore, which decides whether it counts, and by TokenRenewal. How the file is read and
// written is AuthFile's.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "auth/auth_file.hpp"
#include "auth/identities.hpp"
#include "auth/refused_tokens.hpp"
#include "auth/sign_in.hpp"

namespace quotad::auth {

// Must outlive every call that it has been asked for. For one thread.
class FileSignIn {
 public:
  struct Options {
    std::string home_origin;                      // see StoreOptions
    std::chrono::milliseconds half_written_wait;  // likewise
    std::function<std::int64_t()> clock;          // Unix seconds
  };
  FileSignIn(boost::asio::any_io_executor executor, AuthFile file, Identities& identities,
             RefusedTokens& refused_tokens, SignInMaker& maker, Options options)
      : executor_(std::move(executor)),
        file_(std::move(file)),
        identities_(identities),
        refused_tokens_(refused_tokens),
        maker_(maker),
        options_(std::move(options)) {}

  const AuthFile& file() const { return file_; }

  // Whether the credentials may be in the keyring where there is no file; said of nobody.
  void may_be_in_keyring(bool may_be) { may_be_in_keyring_ = may_be; }
  // Called when the file holds another refresh token than before.
  void on_other_refresh_token(std::function<void()> tell) {
    on_other_refresh_token_ = std::move(tell);
  }

  // Who is signed in by the file. A file that is half written is waited for. Throws what AuthApi throws.
  boost::asio::awaitable<SignInPointer> current();

  // The sign-in in the file as it is now; null if it does not say whose it is, or is half written.
  SignInPointer look();
  // What the file says by itself, without the network.
  SignIn glance();

  // What the file held when it was last looked at; the sign-in is null as above.
  const SignInPointer& last() const { return sign_in_; }
  const std::string& refresh_token() const { return stored_.refresh_token; }

  // The file has been written with `content`, which is wiped.
  void take_over(AuthFile::Content& content);
  // The next look reads the file even if it has not changed.
  void forget() { has_looked_ = false; }
  // Until the file changes nobody is signed in by it, because of `why`.
  void give_up(const std::string& why);
  bool has_run_out(const SignIn& sign_in) const;

  // Renewed tokens that could not be written, and the one that was spent for them. As long as the file holds
  // that one, they stand for the file's own.
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
  SignIn nobody_without_file() const;
  void parse(const AuthFile::Content& content);
  SignInPointer unusable(const std::string& why);

  boost::asio::any_io_executor executor_;
  AuthFile file_;
  Identities& identities_;
  RefusedTokens& refused_tokens_;
  SignInMaker& maker_;
  Options options_;
  bool may_be_in_keyring_ = false;
  std::function<void()> on_other_refresh_token_;

  // What the file held when it was last read, and of which state that was.
  bool has_looked_ = false;
  std::optional<Stamp> stamp_;
  Stored stored_;
  SignInPointer sign_in_;
  bool half_written_ = false;  // it holds no JSON: somebody may be writing it

  std::optional<Unsaved> unsaved_;
};

}  // namespace quotad::auth
