// The model as a page for people: docs/protocol.md.
#pragma once

#include <string>

#include "protocol/examples.hpp"
#include "protocol/model.hpp"

namespace quotad::protocol {

// Markdown: every method with its params, result, errors and an exchange in each dialect; every
// notification; every type.
std::string reference_page(const Model& model, const Examples& examples);

}  // namespace quotad::protocol
