// Credentials that nobody has signed, for homes of programs under test.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace quotad::testing {

// A JSON Web Token with these claims and no valid signature.
std::string jwt(const nlohmann::json& claims);

// `auth.json` of account acc-1 and user user-1, plan plus, as the reference writes it: tokens that
// do not run out, refreshed just now.
nlohmann::json chatgpt_sign_in();

}  // namespace quotad::testing
