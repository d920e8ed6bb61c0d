// The sign-in that is stored, mostly in `auth.json`, looked up again whenever what is there has changed.
//
// Called by CredentialStore, which decides whether it counts, and by TokenRenewal. How it is read and
// written is the business of its place.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "auth/auth_json.hpp"
#include "auth/common.hpp"
#include "auth/credential_place.hpp"
#include "auth/identities.hpp"
#include "auth/sign_in.hpp"

namespace quotad::auth {

// Must outlive every call that it has been asked for. For one thread.
class StoredSignIn {
 public:
  // `home` is the folder that the place is of; `home_origin` why it is where it is, for errors.
  StoredSignIn(Common& common, CredentialPlace& place, Identities& identities, std::string home,
               std::string home_origin)
      : common_(common),
        place_(place),
        identities_(identities),
        home_(std::move(home)),
        home_origin_(std::move(home_origin)) {}

  const std::string& home() const { return home_; }
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
  const std::string& refresh_token() const { return refresh_token_; }

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
  // Overwrites what was kept before.
  void keep(std::optional<UnknownPerson> unknown, std::string refresh_token);
  void read_if_changed();
  void give_up_if_over();
  SignIn nobody_stored() const;
  void parse(const Content& content);
  SignInPointer unusable(const std::string& why);

  Common& common_;
  CredentialPlace& place_;
  Identities& identities_;
  std::string home_;
  std::string home_origin_;
  bool may_be_in_keyring_ = false;
  std::function<void()> on_other_refresh_token_;

  // What was stored when it was last read, and of which state that was.
  bool has_looked_ = false;
  std::optional<Stamp> stamp_;
  std::optional<UnknownPerson> unknown_;
  std::string refresh_token_;
  SignInPointer sign_in_;
  bool half_written_ = false;  // it holds no JSON: somebody may be writing it

  std::optional<Unsaved> unsaved_;
};

}  // namespace quotad::auth
