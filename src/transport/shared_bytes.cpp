#include "transport/shared_bytes.hpp"

#include <algorithm>

namespace quotad::transport {

void SharedBytes::relieve() {
  const auto most =
      std::max_element(shares_.begin(), shares_.end(),
                       [](const Share* a, const Share* b) { return a->bytes_ < b->bytes_; });
  Share& share = **most;
  share.drop();
  share.give_up_();
}

}  // namespace quotad::transport
