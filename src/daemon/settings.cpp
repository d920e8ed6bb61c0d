#include "daemon/settings.hpp"

#include <toml++/toml.h>

#include <sstream>
#include <string_view>
#include <system_error>

#include "quotad/protocol/error.hpp"

namespace quotad::daemon {
namespace {

constexpr const char* kWsTokenCheck = "ws_token_check";
constexpr const char* kWsTokenCheckVariable = "QUOTAD_WS_TOKEN_CHECK";
constexpr const char* kOnOrOff = "must be \"on\" or \"off\"";

std::optional<bool> on_or_off(std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return std::nullopt;
}

protocol::Error refuse(const std::string& words) {
  return {protocol::ErrorKind::kInvalidParams, words};
}

protocol::Error unusable(const std::filesystem::path& file, const toml::source_position& at,
                         const std::string& why) {
  return refuse("cannot use " + file.string() + ": line " + std::to_string(at.line) + ", column " +
                std::to_string(at.column) + ": " + why);
}

void apply(Settings& settings, const toml::table& table, const std::filesystem::path& file) {
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (name != kWsTokenCheck) {
      throw unusable(file, key.source().begin,
                     "`" + name + "` is no setting; there is: " + kWsTokenCheck);
    }
    const auto text = node.value_exact<std::string>();
    settings.ws_token_check = text ? on_or_off(*text) : std::nullopt;
    if (!settings.ws_token_check) {
      throw unusable(file, node.source().begin, "`" + name + "` " + kOnOrOff);
    }
  }
}

void read_file(Settings& settings, const std::filesystem::path& file, bool must_exist) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    if (must_exist) throw refuse("cannot use " + file.string() + ": there is no such file");
    return;
  }
  // The usual place may be in a home that is not this user's.
  if (error == std::errc::permission_denied && !must_exist) return;
  if (error) throw refuse("cannot use " + file.string() + ": " + error.message());
  if (!std::filesystem::is_regular_file(status)) {
    throw refuse("cannot use " + file.string() + ": it is not a regular file");
  }
  // It says who is let in. A group may be its user's own.
  if ((status.permissions() & std::filesystem::perms::others_write) !=
      std::filesystem::perms::none) {
    throw refuse("cannot use " + file.string() + ": everybody may write to it; run: chmod o-w '" +
                 file.string() + "'");
  }
  try {
    apply(settings, toml::parse_file(file.string()), file);
  } catch (const toml::parse_error& wrong) {
    throw unusable(file, wrong.source().begin, std::string(wrong.description()));
  }
}

}  // namespace

std::filesystem::path find_settings_file(const std::string& flag, const GetEnv& getenv) {
  if (!flag.empty()) return std::filesystem::absolute(flag);
  const auto value = [&](const char* name) {
    const char* text = getenv(name);
    return std::filesystem::path(text == nullptr ? "" : text);
  };
  // By the XDG Base Directory Specification a relative path is to be passed over.
  if (const auto folder = value("XDG_CONFIG_HOME"); folder.is_absolute()) {
    return folder / "quotad" / "quotad.toml";
  }
  const auto home = value("HOME");
  return (home.empty() ? "/" : home) / ".config" / "quotad" / "quotad.toml";
}

Settings load_settings(const std::string& flag, const GetEnv& getenv) {
  Settings settings;
  read_file(settings, find_settings_file(flag, getenv), !flag.empty());
  const char* text = getenv(kWsTokenCheckVariable);
  if (text != nullptr && *text != '\0') {
    settings.ws_token_check = on_or_off(text);
    if (!settings.ws_token_check) {
      throw refuse(std::string(kWsTokenCheckVariable) + " " + kOnOrOff);
    }
  }
  return settings;
}

}  // namespace quotad::daemon
