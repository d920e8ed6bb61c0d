// The model as TypeScript: a file for each type, in the reference's layout, and maps from methods to
// their params and results. True at run time: numbers are what JSON.parse gives.
#pragma once

#include "protocol/model.hpp"

namespace quotad::protocol {

GeneratedFiles typescript_files(const Model& model);

}  // namespace quotad::protocol
