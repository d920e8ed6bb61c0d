#include "cli/man_page.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "backend/rfc3339.hpp"
#include "cli/commands.hpp"
#include "cli/visible.hpp"
#include "daemon/program.hpp"
#include "system/clock.hpp"

namespace quotad::cli {
namespace {

// What the page says of its own accord. `name` is in bold type, `what` a sentence.
struct Entry {
  const char* name;
  const char* what;
};

constexpr const char* kDescription =
    "quotad tells every tool on a machine how much of a Codex allowance is left and what has been "
    "used, and spends a reset credit when it is asked to, exactly once. Clients speak the account "
    "part of the Codex app-server protocol with it: JSON-RPC over stdio, WebSocket and Unix "
    "sockets. It asks the ChatGPT usage endpoints for them, with the sign-in of the Codex CLI. "
    "Without a command "
    "it shows the limits.";

constexpr const char* kCommonOptions =
    "They stand before the command, or after it where it makes use of them.";

constexpr Entry kExitStatus[] = {
    {"0", "All went well: what was asked for is done, or the server has stopped as asked"},
    {"1", "It failed; the reason is on stderr"},
    {"2",
     "Wrong usage: a command, an option or a value that nobody knows; reset --yes: a credit was "
     "spent within the hour, and there is no --again"},
    {"3", "limits, usage, reset, watch: nobody is signed in"},
    {"4", "limits: a limit is reached, and no bought credits carry on"},
    {"5",
     "reset: its outcome, or that of a reset before it, is unknown; the command that is printed "
     "finds out"},
    {"130", "It was interrupted"},
    {"128+N", "A server was ended by signal N, which came a second time"}};

// Beside those that options name.
constexpr Entry kEnvironment[] = {
    {"CODEX_HOME", "The folder of the sign-in and the configuration, by default ~/.codex"},
    {"CODEX_ACCESS_TOKEN", "An access token, in place of what the folder has"},
    {"QUOTAD_STATE_HOME, XDG_STATE_HOME",
     "Where the record of redemptions is: the first names the folder itself, the second one that "
     "quotad has a folder in"},
    {"QUOTAD_WS_TOKEN_CHECK",
     "off lets every program of this machine open a WebSocket on loopback, without the token"},
    {"XDG_CONFIG_HOME", "Where quotad has a folder with its settings"},
    {"XDG_RUNTIME_DIR", "Where the URLs of WebSockets are left for local tools, in quotad/"},
    {"NO_COLOR, TERM, COLUMNS",
     "Whether limits, usage, reset and watch show colours, and how wide they are"},
    {"HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
     "Proxies, and hosts that are asked without; also in small letters"},
    {"CODEX_CA_CERTIFICATE", "A file with certificates to trust, beside those of the system"},
    {"SSL_CERT_FILE, SSL_CERT_DIR", "Certificates to trust in place of those of the system"},
    {"CODEX_REFRESH_TOKEN_URL_OVERRIDE, CODEX_AUTHAPI_BASE_URL",
     "The sign-in service, if it is another one"},
    {"CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL", "The same for the identities of agents"},
    {"LISTEN_FDS, LISTEN_PID, NOTIFY_SOCKET",
     "Set by systemd: sockets to serve, and where to tell that it is ready"}};

constexpr Entry kFiles[] = {
    {"~/.codex/auth.json", "The sign-in, as the Codex CLI writes it; quotad renews its tokens"},
    {"~/.codex/config.toml", "chatgpt_base_url and cli_auth_credentials_store count"},
    {"~/.codex/app-server-control/app-server-control.sock",
     "The socket of --listen unix://; in this version quotad/quotad.sock serves, too"},
    {"~/.config/quotad/quotad.toml", "Settings of quotad's own; ws_token_check counts"},
    {"~/.local/state/quotad/redemptions.sqlite3", "The record of redemptions"},
    {"~/.local/state/quotad/refused-tokens",
     "By their SHA-256, the refresh tokens that the sign-in service has refused for good"},
    {"$XDG_RUNTIME_DIR/quotad/ws-*.url", "The URL, with its token, of each WebSocket served"}};

constexpr const char* kSeeAlso =
    "quotad help COMMAND; in the source of quotad, docs/operations.md (limits, signals, systemd), "
    "docs/redemption.md (what is promised of reset credits), docs/security.md, docs/sign-in.md, "
    "docs/protocol.md, docs/simulator.md and docs/compatibility.md.";

// Adds `text` so that roff shows it as it is, wherever it stands in a line. Hyphens are those that can
// be searched for and copied into a shell; characters beyond ASCII go by number, because what else
// they are taken for depends on the formatter.
void add_escaped(std::string& page, std::string_view text) {
  constexpr std::string_view kSpecial = "\\'\"`^~";
  constexpr std::string_view kNames = "rsaqdqgahati";  // two letters for each
  if (text.substr(0, 1) == ".") page += "\\&";         // not the name of a macro
  unsigned code = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t special = kSpecial.find(text[i]);
    if (byte >= 0x80) {  // UTF-8
      const unsigned first_bits = byte >= 0xF0 ? 0x07 : byte >= 0xE0 ? 0x0F : 0x1F;
      code = byte >= 0xC0 ? byte & first_bits : code << 6U | (byte & 0x3FU);
      const bool goes_on = i + 1 < text.size() && (text[i + 1] & 0xC0) == 0x80;
      if (goes_on) continue;
      char number[16];
      std::snprintf(number, sizeof number, "\\[u%04X]", code);
      page += number;
    } else if (special != std::string_view::npos) {
      page += "\\(";
      page += kNames.substr(2 * special, 2);
    } else {
      if (text[i] == '-') page += '\\';
      page += text[i] == '\n' ? ' ' : text[i];
    }
  }
}

// `font` is B for bold or I for italic type.
void add_in_font(std::string& page, char font, std::string_view text) {
  page += "\\f";
  page += font;
  add_escaped(page, text);
  page += "\\fR";
}

// Adds `text` in lines that are short enough for mandoc's taste; what shows is filled anew.
void add_words(std::string& page, std::string_view text) {
  constexpr std::size_t kWidth = 79;  // and a full stop
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t line = page.rfind('\n') + 1;
    const std::size_t gap = page.size();
    if (gap > line) page += ' ';
    add_escaped(page, word);
    if (gap > line && page.size() - line > kWidth) page[gap] = '\n';
  }
}

void add_sentence(std::string& page, std::string_view begin, std::string_view rest = {}) {
  if (begin.empty()) return;
  add_words(page, begin);
  add_words(page, rest);
  if (std::string_view(".?!").find(page.back()) == std::string_view::npos) page += '.';
  page += '\n';
}

void add_heading(std::string& page, const char* heading) {
  page += ".SH ";
  page += heading;
  page += '\n';
}

// A name, what it is about follows as sentences.
void add_name(std::string& page, char font, std::string_view name) {
  page += ".TP\n";
  add_in_font(page, font, name);
  page += '\n';
}

void add_entries(std::string& page, std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    add_name(page, 'B', entry.name);
    add_sentence(page, entry.what);
  }
}

bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

// "a, b" if a value may be one of these: CLI11 puts the checks of a value behind the name of its type,
// for one ":{a,b}", or ":value in {a->0,b->1}" with what each stands for. "" if there is no such check,
// or `sentence` names them all.
std::string choices_in(std::string_view type, std::string_view sentence) {
  std::string choices;
  bool all_named = true;
  const std::size_t begin = type.find('{');
  if (begin == std::string_view::npos) return choices;
  type = type.substr(begin + 1, type.find('}', begin) - begin - 1);
  while (!type.empty()) {
    const std::string_view item = type.substr(0, type.find(','));
    type.remove_prefix(std::min(type.size(), item.size() + 1));
    const std::string_view choice = item.substr(0, item.find("->"));
    all_named = all_named && contains(sentence, choice);
    if (!choices.empty()) choices += ", ";
    choices += choice;
  }
  return all_named ? "" : choices;
}

bool takes_many(const CLI::Option& option) {
  return option.get_expected_max() == CLI::detail::expected_max_vector_size;
}

// What there is to say of an option and its value, in sentences.
void add_explanation(std::string& page, const CLI::Option& option) {
  const std::string& what = option.get_description();
  add_sentence(page, what);
  if (option.get_required()) add_sentence(page, "Required");
  const bool repeats = option.nonpositional() && takes_many(option);
  if (repeats && !contains(what, "several times")) add_sentence(page, "May be given several times");
  const std::string choices = choices_in(option.get_type_name(), what);
  if (!choices.empty()) add_sentence(page, "One of:", choices);
  const std::string value = takes_value(option) ? option.get_default_str() : "";
  if (!value.empty()) add_sentence(page, "Default:", value);
  const std::string variable = option.get_envname();
  if (!variable.empty()) add_sentence(page, "Environment:", variable);
}

void add_option(std::string& page, const CLI::Option& option) {
  page += ".TP\n";
  const std::vector<std::string> words = spellings_of(option);
  for (std::size_t i = words.size(); i-- > 0;) {  // short ones first
    add_in_font(page, 'B', words[i]);
    if (i > 0) page += ", ";
  }
  if (takes_value(option)) {
    const std::string type = option.get_type_name();
    page += ' ';
    add_in_font(page, 'I', std::string_view(type).substr(0, type.find(':')));
  }
  page += '\n';
  add_explanation(page, option);
}

// A command with its options; --help is told of once, with the program's own.
void add_command(std::string& page, const std::string& program, const VisibleCommand& command) {
  const auto positionals = visible_positionals(*command.app);
  page += ".SS \"";
  add_escaped(page, program);
  page += ' ';
  add_escaped(page, command.path);
  for (const CLI::Option* option : positionals) {
    page += option->get_required() ? " " : " [";
    add_escaped(page, option->get_name(true));
    if (takes_many(*option)) page += "...";
    if (!option->get_required()) page += ']';
  }
  page += "\"\n";
  add_sentence(page, command.app->get_description());
  for (const CLI::Option* option : positionals) {
    add_name(page, 'I', option->get_name(true));
    add_explanation(page, *option);
  }
  for (const CLI::Option* option : visible_options(*command.app)) {
    if (option != command.app->get_help_ptr()) add_option(page, *option);
  }
}

void add_environment_of(std::string& page, const CLI::App& app) {
  for (const CLI::Option* option : visible_options(app)) {
    const std::string variable = option->get_envname();
    if (variable.empty()) continue;
    add_name(page, 'B', variable);
    add_sentence(page, "The same as", spellings_of(*option).front());
  }
}

}  // namespace

std::string man_page(const CLI::App& program, const std::string& version, const std::string& date) {
  const std::vector<VisibleCommand> commands = visible_commands(program);
  const std::string& name = program.get_name();
  std::string page = ".TH ";
  for (const char c : name) {
    const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    add_escaped(page, {&upper, 1});
  }
  page += " 1 ";
  page += date;
  page += " \"";
  add_escaped(page, name);
  page += ' ';
  page += version;
  page += "\" \"User Commands\"\n";
  add_heading(page, "NAME");
  add_escaped(page, name);
  page += " \\-";
  add_words(page, program.get_description());
  page += '\n';
  add_heading(page, "SYNOPSIS");
  add_in_font(page, 'B', name);
  page += " [\\fIOPTION\\fR]... [\\fICOMMAND\\fR] [\\fIARGUMENT\\fR]...\n";
  add_heading(page, "DESCRIPTION");
  add_sentence(page, kDescription);
  add_heading(page, "COMMANDS");
  for (const VisibleCommand& command : commands) {
    if (command.app != &program) add_command(page, name, command);
  }
  add_heading(page, "OPTIONS");
  add_sentence(page, kCommonOptions);
  for (const CLI::Option* option : visible_options(program)) add_option(page, *option);
  add_heading(page, "\"EXIT STATUS\"");
  add_entries(page, kExitStatus);
  add_heading(page, "ENVIRONMENT");
  for (const VisibleCommand& command : commands) add_environment_of(page, *command.app);
  add_entries(page, kEnvironment);
  add_heading(page, "FILES");
  add_entries(page, kFiles);
  add_heading(page, "\"SEE ALSO\"");
  add_sentence(page, kSeeAlso);
  return page;
}

namespace {

// With the date of today, or that of SOURCE_DATE_EPOCH, by which builds are repeatable.
int print_man_page(const CLI::App& program) {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  const std::int64_t now = epoch != nullptr ? std::strtoll(epoch, nullptr, 10) : system::unix_now();
  std::string date = backend::format_rfc3339(now);
  date.resize(date.find('T'));
  std::printf("%s", man_page(program, daemon::program_version(), date).c_str());
  return EXIT_SUCCESS;
}

}  // namespace

void add_man_page(Program& program) {
  CLI::App* command = program.app.add_subcommand("man-page", "Print the manual page, for man(1)");
  program.on(command, [&app = program.app] { return print_man_page(app); });
}

}  // namespace quotad::cli
