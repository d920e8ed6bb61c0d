// transport::Framer: the same items however the bytes are cut, within the limit; and what `frame`
// writes is read back.

#include "transport/framing.hpp"

#include <utility>
#include <vector>

#include "fuzz.hpp"

namespace {

using quotad::fuzz::require;
using quotad::transport::Framer;
using quotad::transport::Framing;
using Items = std::vector<std::pair<Framer::Item::Kind, std::string>>;

constexpr std::size_t kMax = 64;

void drain(Framer& framer, Items& items) {
  while (const auto item = framer.next()) {
    require(item->kind != Framer::Item::Kind::kMessage || item->text.size() <= kMax);
    items.emplace_back(item->kind, item->text);
  }
}

// What comes of `bytes` when they arrive in pieces, each as long as `next_size` says.
template <class NextSize>
Items items_of(std::string_view bytes, NextSize next_size) {
  Framer framer(kMax);
  Items items;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, next_size());
    framer.append(piece);
    bytes.remove_prefix(piece.size());
    drain(framer, items);
  }
  framer.finish();
  drain(framer, items);
  require(!framer.next());
  return items;
}

// Behind another message: the first one tells the framing.
void require_read_back(Framing framing, const std::string& text) {
  Framer framer(kMax);
  framer.append(quotad::transport::frame(framing, "{}"));
  framer.append(quotad::transport::frame(framing, text));
  Items items;
  drain(framer, items);
  require(framer.framing() == framing && items.size() == 2 && items[1].second == text);
}

// Bodies may hold line ends, and space around them.
bool is_line(const std::string& text) {
  constexpr const char* kSpace = " \t\r\n";
  return !text.empty() && text.find('\n') == std::string::npos &&
         text.find_first_not_of(kSpace) == 0 && text.find_last_not_of(kSpace) == text.size() - 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = quotad::fuzz::text_of(data, size);
  const Items whole = items_of(bytes, [&] { return bytes.size(); });
  for (const std::size_t piece : {1U, 7U, 65U}) {
    require(items_of(bytes, [&] { return piece; }) == whole);
  }
  // Lengths that depend on the input.
  std::size_t state = size;
  const Items uneven = items_of(bytes, [&] {
    state = state * 31 + (size == 0 ? 0 : data[state % size]);
    return state % 41 + 1;
  });
  require(uneven == whole);

  for (const auto& [kind, text] : whole) {
    if (kind != Framer::Item::Kind::kMessage) continue;
    require_read_back(Framing::kHeaders, text);
    if (is_line(text)) require_read_back(Framing::kLines, text);
  }
  return 0;
}
