// Attempts to renew credentials: one at a time for each subject, shared by all that ask meanwhile.
//
// Called by CredentialStore. Unlike a flight of system::SingleFlight an attempt is not called off when
// nobody waits for it any more: the service may have spent the refresh token already.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "auth/common.hpp"
#include "auth/sign_in.hpp"

namespace quotad::auth {

// Must outlive every call that it has been asked for. For one thread.
class Attempts {
 public:
  explicit Attempts(Common& common) : common_(common) {}

  // Waits for the attempt for `subject`, which `work` makes if none is under way. Throws what `work`
  // throws; a protocol::Error is logged.
  boost::asio::awaitable<void> join(SignInPointer subject,
                                    std::function<boost::asio::awaitable<void>()> work);

  // Ends when no attempt is under way.
  boost::asio::awaitable<void> settled();

 private:
  struct Attempt {
    Attempt(const boost::asio::any_io_executor& executor, SignInPointer subject_)
        : subject(std::move(subject_)),
          over(executor, boost::asio::steady_timer::time_point::max()) {}
    SignInPointer subject;           // tokens that a client brought; null for those of the file
    boost::asio::steady_timer over;  // cancelled when `is_over`
    bool is_over = false;
    std::exception_ptr error;
  };

  boost::asio::awaitable<void> run(std::shared_ptr<Attempt> attempt,
                                   std::function<boost::asio::awaitable<void>()> work);

  Common& common_;
  std::list<std::shared_ptr<Attempt>> under_way_;
};

}  // namespace quotad::auth
