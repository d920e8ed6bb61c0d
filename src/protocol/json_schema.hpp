// The model as JSON Schema, draft-07, laid out as the reference's generator does: one file for each
// message under `v1/`, `v2/` or the root, and two bundles of all definitions.
#pragma once

#include <functional>
#include <string>

#include "protocol/model.hpp"

namespace quotad::protocol {

// Where a schema finds the definition of a type: "#/definitions/PlanType".
using Reference = std::function<std::string(const TypeModel&)>;

// The schema of a type, with references for the types it is made of.
OrderedJson schema_of(const TypeModel& type, const Reference& reference);

// The schema of params that may be left out: the type, or `null`.
OrderedJson nullable_schema_of(const TypeModel& type, const Reference& reference);

GeneratedFiles json_schema_files(const Model& model);

}  // namespace quotad::protocol
