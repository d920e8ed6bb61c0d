// TLS: whose certificates are believed, and that connections are kept.

#include <gtest/gtest.h>

#include <filesystem>

#include "harness/quotad.hpp"
#include "harness/scripted_server.hpp"

namespace quotad::testing {
namespace {

class Tls : public ::testing::Test {
 protected:
  Tls() { start("127.0.0.1"); }
  // A service whose certificate is for `address`, and good until so many days from now.
  void start(const std::string& address, const std::string& days = "2") {
    Process openssl({"sh", "-c",
                     R"(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
                          -subj /CN=service -addext "subjectAltName=IP:$0" -keyout "$2" -out "$3.first" &&
                        openssl x509 -in "$3.first" -signkey "$2" -days "$1" -out "$3")",
                     address, days, key_, certificate_});
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
  EXPECT_NE(error["data"].value("detail", "").find("CODEX_CA_CERTIFICATE"), std::string::npos)
      << error;
  EXPECT_EQ(service_->requests().size(), 0U);
}

TEST_F(Tls, WhatIsWrongWithACertificateIsSaid) {
  const auto detail = [&] {
    const Json error = read_usage({{"SSL_CERT_FILE", certificate_}})["error"];
    EXPECT_EQ(error["data"]["kind"], "backendUnreachable");
    EXPECT_EQ(service_->requests().size(), 0U);
    return error["data"].value("detail", "");
  };
  start("127.0.0.1", "-1");
  EXPECT_NE(detail().find("certificate has expired"), std::string::npos) << detail();
  EXPECT_EQ(detail().find("CODEX_CA_CERTIFICATE"), std::string::npos) << "which is no help";
  start("127.0.0.2");
  EXPECT_NE(detail().find("matches target host name '127.0.0.1'"), std::string::npos) << detail();
}

TEST_F(Tls, TheKeysOfAConnectionAreNotWrittenDown) {
  const std::string log = folder_.file("keys.log");
  EXPECT_TRUE(
      read_usage({{"SSL_CERT_FILE", certificate_}, {"SSLKEYLOGFILE", log}}).contains("result"));
  EXPECT_FALSE(std::filesystem::exists(log));
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
  for (const std::string variable : {"CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"}) {
    const Json error = read_usage({{variable, "/nonexistent.pem"}})["error"];
    EXPECT_EQ(error["data"]["kind"], "backendUnreachable");
    EXPECT_EQ(error["data"].value("detail", ""),
              "cannot use the certificates in /nonexistent.pem, which " + variable + " names");
  }
}

TEST_F(Tls, OneConnectionServesManyCalls) {
  AppServer server(folder_.path(), {}, {{"CODEX_CA_CERTIFICATE", certificate_}});
  server.initialize();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(server.ask("account/usage/read").contains("result"));
  EXPECT_EQ(service_->connections(), 1);
}

}  // namespace
}  // namespace quotad::testing
