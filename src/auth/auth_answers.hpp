// What the sign-in service answers, as what it means (reference behaviour, section 5). No error repeats what
// the service said, because that may hold tokens.
//
// Called by AuthApi, which knows the calls. Each reader throws protocol::Error (kBackendPayload) for what it
// cannot read, naming `what` was done.
#pragma once

#include <string>

#include "auth/agent_identity.hpp"
#include "auth/auth_file.hpp"
#include "auth/jwt.hpp"

namespace quotad::auth {

// The service's name for what is wrong, if it is a word of 64 characters at most; else "".
std::string error_code(const std::string& body);

// Some token, at least. The access token is one that can go into a header.
FreshTokens read_fresh_tokens(const std::string& body, const char* what);

// Whose a personal access token is; with an account, at least.
TokenClaims read_person(const std::string& body, const char* what);

// The id of a task that was registered for `agent`, which may be sealed for it.
std::string read_task_id(const std::string& body, const AgentIdentity& agent, const char* what);

}  // namespace quotad::auth
