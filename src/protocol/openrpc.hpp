// The model as an OpenRPC 1.3 document: methods with their params by name, results, the errors
// they were seen to give, and recorded examples.
#pragma once

#include <string>

#include "protocol/examples.hpp"
#include "protocol/model.hpp"

namespace quotad::protocol {

// `version` is that of the program.
OrderedJson openrpc_document(const Model& model, const Examples& examples,
                             const std::string& version);

GeneratedFiles openrpc_files(const OrderedJson& document);

}  // namespace quotad::protocol
