#include "daemon/config.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "quotad/backend/client.hpp"

namespace quotad::daemon {
namespace {

constexpr const char* kBaseUrl = "chatgpt_base_url";
constexpr const char* kStore = "cli_auth_credentials_store";

std::optional<auth::StoreMode> store_mode_of(std::string_view name) {
  if (name == "file") return auth::StoreMode::kFile;
  if (name == "keyring") return auth::StoreMode::kKeyring;
  if (name == "auto") return auth::StoreMode::kAuto;
  if (name == "ephemeral") return auth::StoreMode::kEphemeral;
  return std::nullopt;
}

// What is wrong with the values in `table`, or nullopt once they are taken over into `config`: all of
// them or none.
std::optional<std::string> apply(Config& config, const toml::table& table) {
  std::optional<std::string> base_url;
  if (const auto* node = table.get(kBaseUrl)) {
    base_url = node->value_exact<std::string>();
    if (!base_url) return std::string("`") + kBaseUrl + "` must be a string";
  }
  if (const auto* node = table.get(kStore)) {
    const auto name = node->value_exact<std::string>();
    const auto mode = name ? store_mode_of(*name) : std::nullopt;
    if (!mode) {
      return std::string("`") + kStore +
             "` must be one of \"file\", \"keyring\", \"auto\", \"ephemeral\"";
    }
    config.store_mode = *mode;
  }
  if (base_url) config.base_url = *base_url;
  return std::nullopt;
}

std::string at(const toml::source_position& position) {
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

std::string unusable(const std::filesystem::path& file, const std::string& why) {
  return "cannot use " + file.string() + ": " + why + "; mend or remove the file";
}

// Takes over what `parse` makes of `file`, or tells what is wrong with it.
template <class Parse>
void apply_file(Config& config, const std::filesystem::path& file, Parse parse) {
  const auto refuse = [&](const std::string& why) { config.problem = unusable(file, why); };
  try {
    if (const auto wrong = apply(config, parse())) refuse(*wrong);
  } catch (const toml::parse_error& error) {
    refuse(at(error.source().begin) + ": " + std::string(error.description()));
  }
}

void read_file(Config& config, const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& why) { config.problem = unusable(file, why); };
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) return;
  if (error) {
    refuse(error.message());
    return;
  }
  if (!std::filesystem::is_regular_file(status)) {
    refuse("it is not a regular file");
    return;
  }
  // It says where tokens go. A group may be its user's own.
  if ((status.permissions() & std::filesystem::perms::others_write) !=
      std::filesystem::perms::none) {
    config.problem = "cannot use " + file.string() +
                     ": everybody may write to it; run: chmod o-w '" + file.string() + "'";
    return;
  }
  apply_file(config, file, [&] { return toml::parse_file(file.string()); });
}

std::string trimmed(const std::string& text, const char* what) {
  return boost::algorithm::trim_copy_if(text, boost::algorithm::is_any_of(what));
}

// "key=value" as a table of one row.
std::optional<toml::table> parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return std::nullopt;
  const std::string key = trimmed(text.substr(0, equals), " \t");
  const std::string value = trimmed(text.substr(equals + 1), " \t");
  try {
    return toml::parse(key + " = " + value);
  } catch (const toml::parse_error&) {
    // Not TOML: a shell has taken the quotes off, or one of them; or the key is not for us.
    return toml::table{{key, trimmed(value, "\"'")}};
  }
}

// "key" of "key = value".
std::string key_of(const std::string& text) {
  return trimmed(text.substr(0, text.find('=')), " \t");
}

}  // namespace

std::filesystem::path find_codex_home(const GetEnv& getenv) {
  const char* home = getenv("CODEX_HOME");
  if (home != nullptr && *home != '\0') return std::filesystem::absolute(home);
  const char* user_home = getenv("HOME");
  const bool has_home = user_home != nullptr && *user_home != '\0';
  return std::filesystem::path(has_home ? user_home : "/") / ".codex";
}

std::filesystem::path find_state_home(const GetEnv& getenv) {
  const auto value = [&](const char* name) {
    const char* text = getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  if (const auto own = value("QUOTAD_STATE_HOME"); !own.empty()) {
    const std::filesystem::path folder = std::filesystem::absolute(own).lexically_normal();
    return folder.has_filename() ? folder : folder.parent_path();  // without the slash at its end
  }
  // By the XDG Base Directory Specification a relative path is to be passed over.
  if (const std::filesystem::path state = value("XDG_STATE_HOME"); state.is_absolute()) {
    return state / "quotad";
  }
  const std::string home = value("HOME");
  return std::filesystem::path(home.empty() ? "/" : home) / ".local" / "state" / "quotad";
}

std::string default_socket(const Config& config) {
  return (config.codex_home / "app-server-control" / "app-server-control.sock").string();
}

std::string former_default_socket(const Config& config) {
  return (config.codex_home / "quotad" / "quotad.sock").string();
}

void apply_toml(Config& config, std::string_view text, const std::filesystem::path& file) {
  apply_file(config, file, [&] { return toml::parse(text); });
}

void apply_overrides(Config& config, const std::vector<std::string>& overrides) {
  for (auto next = overrides.begin(); next != overrides.end(); ++next) {
    const std::string& text = *next;
    // The last one of a key counts, as in the reference.
    const bool is_overridden = std::any_of(next + 1, overrides.end(), [&](const auto& later) {
      return key_of(later) == key_of(text);
    });
    if (is_overridden) continue;
    const auto table = parse_override(text);
    const auto wrong =
        table ? apply(config, *table) : std::optional<std::string>("expected key=value");
    if (wrong) config.problem = "cannot use -c " + text + ": " + *wrong;
  }
}

Config load_config(std::filesystem::path codex_home, const std::vector<std::string>& overrides) {
  Config config;
  config.codex_home = std::move(codex_home);
  read_file(config, config.codex_home / "config.toml");
  apply_overrides(config, overrides);
  const auto why_not = backend::why_not_sent_to(backend::resolve_base_url(config.base_url));
  if (!config.problem && why_not) {
    config.problem = "cannot use `" + std::string(kBaseUrl) +
                     "`: " + backend::without_user(config.base_url) + " " + *why_not;
  }
  return config;
}

}  // namespace quotad::daemon
