#include "cli/web_socket_flags.hpp"

namespace quotad::cli {

void add_web_socket_flags(CLI::App& app_server, daemon::WebSocketOptions& flags) {
  app_server.add_option("--ws-auth", flags.auth, "How clients of ws:// show who they are")
      ->check(CLI::IsMember({daemon::kCapabilityToken, daemon::kSignedBearerToken}))
      ->type_name("MODE");
  app_server
      .add_option("--ws-token-file", flags.token_file,
                  "File with the token of --ws-auth capability-token")
      ->type_name("PATH");
  app_server
      .add_option("--ws-token-sha256", flags.token_sha256,
                  "SHA-256 of that token, in place of the file")
      ->type_name("HEX");
  app_server
      .add_option("--ws-shared-secret-file", flags.shared_secret_file,
                  "File with the secret of --ws-auth signed-bearer-token (HS256), 32 bytes or more")
      ->type_name("PATH");
  app_server.add_option("--ws-issuer", flags.issuer, "Issuer that signed tokens must name");
  app_server.add_option("--ws-audience", flags.audience, "Audience that signed tokens must name");
  app_server
      .add_option("--ws-max-clock-skew-seconds", flags.max_clock_skew_sec,
                  "How much the clock of whoever signs tokens may differ; 30 by default")
      ->type_name("N");
  app_server.add_flag("--no-token-check", flags.no_token_check,
                      "Let everybody on this machine open a WebSocket; loopback only. The same as "
                      "QUOTAD_WS_TOKEN_CHECK=off, or ws_token_check = \"off\" in quotad.toml");
  app_server
      .add_option("--allow-origin", flags.allowed_origins,
                  "Origin of a web page that may connect, for example https://example.org; may be "
                  "given several times")
      ->type_name("URL")
      ->allow_extra_args(false);
}

}  // namespace quotad::cli
