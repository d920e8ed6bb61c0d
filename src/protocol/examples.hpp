// Exchanges that were recorded from the program in front of a simulated service: what the OpenRPC
// document and the reference page show. Made part of the program from schema/examples.json.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/description.hpp"

namespace quotad::protocol {

// One request and its answer, byte for byte.
struct Exchange {
  std::string method;
  bool standard = false;
  std::string request;
  std::string answer;
};

// An error that a method was seen to answer with.
struct Failure {
  std::string method;
  std::string when;
  std::int64_t lite_code = 0;
  std::int64_t standard_code = 0;
  ErrorData data;
};

struct Examples {
  std::vector<Exchange> exchanges;
  std::vector<Failure> failures;
};

const Examples& examples();

template <>
struct Description<Exchange> {
  static constexpr std::string_view kName = "Exchange";
  static constexpr std::string_view kDoc = "One request and its answer, byte for byte.";
  static constexpr auto kMembers = std::tuple{
      required("method", &Exchange::method, "What was asked."),
      required("standard", &Exchange::standard, "Whether it speaks JSON-RPC 2.0, or lite."),
      required("request", &Exchange::request, "The line that was sent."),
      required("answer", &Exchange::answer, "The line that came back."),
  };
};

template <>
struct Description<Failure> {
  static constexpr std::string_view kName = "Failure";
  static constexpr std::string_view kDoc = "An error that a method was seen to answer with.";
  static constexpr auto kMembers = std::tuple{
      required("method", &Failure::method, "What was asked."),
      required("when", &Failure::when, "What was wrong, as a sentence."),
      required("liteCode", &Failure::lite_code, "The code in the lite dialect."),
      required("standardCode", &Failure::standard_code, "The code in JSON-RPC 2.0."),
      required("data", &Failure::data, "The member `data` of the error."),
  };
};

template <>
struct Description<Examples> {
  static constexpr std::string_view kName = "Examples";
  static constexpr std::string_view kDoc = "What was recorded.";
  static constexpr auto kMembers = std::tuple{
      required("exchanges", &Examples::exchanges, "What went well."),
      required("failures", &Examples::failures, "What did not."),
  };
};

}  // namespace quotad::protocol
