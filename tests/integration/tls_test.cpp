// TLS: whose certificates are believed, and that connections are kept.

#include <gtest/gtest.h>

#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"

namespace quotad::testing {
namespace {

class Tls : public ::testing::Test {
 protected:
  Tls() {
    Process openssl({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                     "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key_,
                     "-out", certificate_});
    const std::string errors = openssl.read_error_rest();
    if (openssl.wait() != 0) throw std::runtime_error("openssl: " + errors);
    service_.emplace(
        [](const std::string&) { return http_ok(R"({"stats":{"lifetime_tokens":7}})"); },
        certificate_, key_);
    write_file(folder_.file("auth.json"), R"({"tokens":{"access_token":"secret-token"}})");
    write_file(folder_.file("config.toml"), "chatgpt_base_url = \"https://127.0.0.1:" +
                                                std::to_string(service_->port()) + "\"\n");
  }
  Json read_usage(const Environment& environment) {
    AppServer server(folder_.path(), {}, environment);
    server.initialize();
    return server.ask("account/usage/read");
  }
  TemporaryFolder folder_;
  const std::string certificate_ = folder_.file("certificate.pem");
  const std::string key_ = folder_.file("key.pem");
  std::optional<ScriptedServer> service_;
};

TEST_F(Tls, ACertificateNobodyVouchesForIsRefusedBeforeAnythingIsSent) {
  const Json error = read_usage({})["error"];
  EXPECT_EQ(error["data"]["kind"], "backendUnreachable");
  EXPECT_NE(error["data"].value("detail", "").find("certificate"), std::string::npos) << error;
  EXPECT_EQ(service_->requests().size(), 0U);
}

TEST_F(Tls, TheEnvironmentNamesWhoIsBelieved) {
  for (const char* variable : {"CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"}) {
    EXPECT_EQ(read_usage({{variable, certificate_}})["result"]["summary"]["lifetimeTokens"], 7)
        << variable;
  }
}

TEST_F(Tls, AFolderOfCertificatesIsBelieved) {
  const std::string folder = folder_.file("certificates");
  Process rehash({"sh", "-c", "mkdir \"$0\" && cp \"$1\" \"$0\" && openssl rehash \"$0\"", folder,
                  certificate_});
  ASSERT_EQ(rehash.wait(), 0);
  EXPECT_EQ(read_usage({{"SSL_CERT_DIR", folder}})["result"]["summary"]["lifetimeTokens"], 7);
}

TEST_F(Tls, AFileOfCertificatesThatIsMissingIsSaid) {
  const Json error = read_usage({{"CODEX_CA_CERTIFICATE", "/nonexistent.pem"}})["error"];
  EXPECT_EQ(error["data"]["kind"], "backendUnreachable");
  EXPECT_NE(error["data"].value("detail", "").find("/nonexistent.pem"), std::string::npos) << error;
}

TEST_F(Tls, OneConnectionServesManyCalls) {
  AppServer server(folder_.path(), {}, {{"CODEX_CA_CERTIFICATE", certificate_}});
  server.initialize();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(server.ask("account/usage/read").contains("result"));
  EXPECT_EQ(service_->connections(), 1);
}

}  // namespace
}  // namespace quotad::testing
