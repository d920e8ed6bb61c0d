#include "auth/agent_identity.hpp"

#include <gtest/gtest.h>

#include "quotad/protocol/error.hpp"
#include "simulator/tokens.hpp"

namespace quotad::auth {
namespace {

// A key of zeros, in PKCS#8, and its public half.
constexpr const char* kPrivateKey =
    "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
constexpr const char* kPublicKey = "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=";

AgentIdentity agent() {
  return AgentIdentity(simulator::unsigned_jwt(
      {{"agent_runtime_id", "agent-1"}, {"agent_private_key", kPrivateKey}}));
}

TEST(AgentIdentity, OpensTheIdOfItsTask) {
  EXPECT_EQ(agent().open_task_id(simulator::seal("task-1", kPublicKey)), "task-1");
}

TEST(AgentIdentity, WhatIsInTheBoxMustBeAnId) {
  for (const char* opened : {"", "\xff", "task\n"}) {
    const std::string sealed = simulator::seal(opened, kPublicKey);
    EXPECT_THROW(agent().open_task_id(sealed), protocol::Error) << opened;
  }
}

}  // namespace
}  // namespace quotad::auth
