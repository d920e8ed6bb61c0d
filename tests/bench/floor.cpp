// The floor that a reading cannot go below with libcurl: GETs of one URL by a bare loop over the multi
// interface, with so many in flight, and nothing else.
//
//   floor URL REQUESTS IN_FLIGHT   prints "WALL_US CPU_US RESIDENT_KB": for all of them, microseconds
//   floor URL stdio                makes one GET for each line of stdin, and then writes a line to stdout
//   floor URL json                 the same, with the line and the body parsed, and the body written out
#include <curl/curl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

std::size_t count_bytes(char* /*data*/, std::size_t /*one*/, std::size_t size, void* total) {
  *static_cast<std::size_t*>(total) += size;
  return size;
}

std::size_t take_body(char* data, std::size_t /*one*/, std::size_t size, void* body) {
  static_cast<std::string*>(body)->append(data, size);
  return size;
}

std::int64_t cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) { return time.tv_sec * 1'000'000LL + time.tv_usec; };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

long resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string row; std::getline(status, row);) {
    if (row.rfind("VmRSS:", 0) == 0) return std::stol(row.substr(6));
  }
  return -1;
}

// What a client of a server over stdio cannot do without: a line in, a call, a line out. With
// `is_json`, as a server would that understands them, by the library that quotad parses with.
int serve_lines(const char* url, bool is_json) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* const multi = curl_multi_init();
  CURL* const easy = curl_easy_init();
  std::string body;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  std::array<char, 4096> line{};
  for (ssize_t size = 0; (size = read(STDIN_FILENO, line.data(), line.size())) > 0;) {
    body.clear();
    curl_multi_add_handle(multi, easy);
    for (int running = 1; running > 0;) {
      curl_multi_perform(multi, &running);
      if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
    curl_multi_remove_handle(multi, easy);
    if (body.empty()) return EXIT_FAILURE;
    std::string answer = "{\"id\":2,\n";
    if (is_json) {
      const nlohmann::json request = nlohmann::json::parse(line.data(), line.data() + size);
      answer =
          nlohmann::json{{"id", request["id"]}, {"result", nlohmann::json::parse(body)}}.dump();
      answer += '\n';
    }
    const auto length = static_cast<ssize_t>(answer.size());
    if (write(STDOUT_FILENO, answer.data(), answer.size()) != length) return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) return serve_lines(argv[1], std::string(argv[2]) == "json");
  if (argc != 4) return 2;
  long left = std::strtol(argv[2], nullptr, 10);
  const long in_flight = std::strtol(argv[3], nullptr, 10);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* const multi = curl_multi_init();
  std::size_t bytes = 0;
  long failed = 0;
  curl_slist* const headers = curl_slist_append(nullptr, "Authorization: Bearer token");
  const auto add = [&](CURL* easy) {
    --left;
    curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &count_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &bytes);
    curl_multi_add_handle(multi, easy);
  };
  const auto start = std::chrono::steady_clock::now();
  const std::int64_t cpu_before = cpu_us();
  for (long i = 0; i < in_flight && left > 0; ++i) add(curl_easy_init());
  int running = 1;
  while (running > 0) {
    curl_multi_perform(multi, &running);
    int messages = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &messages)) {
      CURL* const easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (message->data.result != CURLE_OK || status != 200) ++failed;
      curl_multi_remove_handle(multi, easy);
      if (left > 0) {
        add(easy);
        running = 1;
      }
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  std::printf("%lld %lld %ld\n", static_cast<long long>(wall.count()),
              static_cast<long long>(cpu_us() - cpu_before), resident_kb());
  return failed == 0 && bytes > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
