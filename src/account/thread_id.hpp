// Thread ids and login ids: UUIDs in any of the forms that the reference takes.
#pragma once

#include <string>
#include <string_view>

namespace quotad::account {

// `text` (hyphenated, simple, braced or `urn:uuid:…`, in either case) as a lower-case hyphenated
// UUID. Throws protocol::Error (kInvalidParams at params.threadId) in the reference's words.
std::string parse_thread_id(std::string_view text);

// Throws protocol::Error (kInvalidParams at params.loginId) if `text` is no UUID in any of those forms.
void check_login_id(std::string_view text);

}  // namespace quotad::account
