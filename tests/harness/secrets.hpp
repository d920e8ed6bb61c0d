// What no program under test may log or put into an error: the tokens, keys and account ids that it
// has been given. Every Process looks for them when it ends.
#pragma once

#include <string>
#include <string_view>

namespace quotad::testing {

// Remembers the credentials in `home`/auth.json, if there are any.
void note_secrets_of_home(const std::string& home);

// Remembers tokens and idempotency keys among what is sent to a program, line by line.
void note_secrets_sent(std::string_view text);

// Fails the test if `log`, or an error or a token that is not asked for in `output`, holds one.
void expect_no_secrets(std::string_view log, std::string_view output);

}  // namespace quotad::testing
