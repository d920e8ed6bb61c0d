// The generate commands: typings and documents for client authors, from the protocol's descriptions.
#pragma once

#include <string>

namespace quotad::cli {

struct GenerateOptions {
  std::string out;       // a folder; of generate-docs a file
  std::string prettier;  // program that formats TypeScript, "" for none
  bool experimental = false;
};

// Each gives the exit code of the program, and throws protocol::Error.
int run_generate_json_schema(const GenerateOptions& options);
int run_generate_ts(const GenerateOptions& options);
int run_generate_openrpc(const GenerateOptions& options);
int run_generate_docs(const GenerateOptions& options);

}  // namespace quotad::cli
