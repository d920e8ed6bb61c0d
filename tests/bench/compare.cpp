// quotad beside the reference and the floor: measured in one run, in turns, in front of the same nginx.
// Prints a table with medians and ratios, and writes them as JSON. docs/performance.md says how to read it.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "bad_clients.hpp"
#include "harness/process.hpp"
#include "harness/sign_in.hpp"
#include "program.hpp"
#include "service.hpp"
#include "web_socket.hpp"

namespace quotad::bench {
namespace {

using testing::TemporaryFolder;
using testing::write_file;

struct Options {
  std::string quotad;
  std::string floor;
  std::string reference;  // "" without it
  std::string homes;      // where the reference's homes may be; not below a temporary folder
  std::string json;
  std::string only;  // "" for everything
  bool quick = false;
};

const std::string kHello =
    R"({"id":1,"method":"initialize","params":{"clientInfo":{"name":"bench","version":"1"}}})"
    "\n"
    R"({"method":"initialized"})"
    "\n";
const std::string kReadLimits = R"({"id":2,"method":"account/rateLimits/read"})"
                                "\n";
const std::string kReadUsage = R"({"id":2,"method":"account/usage/read"})"
                               "\n";

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? -1 : values[values.size() / 2];
}

double percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * part)];
}

// One line of the table.
struct Figure {
  std::string name;
  std::string unit;
  double quotad = 0;
  std::optional<double> reference;
  std::optional<double> floor;
  double aim = 0;
  bool less_is_better = true;
  std::optional<double> most_times_floor;  // the aim's other half

  bool met() const {
    const bool absolute = less_is_better ? quotad <= aim : quotad >= aim;
    if (!floor || !most_times_floor) return absolute;
    const double times = less_is_better ? quotad / *floor : *floor / quotad;
    return absolute && times <= *most_times_floor;
  }
};

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)), nginx_(/*tls=*/true) {}

  void run() {
    const std::pair<const char*, void (Bench::*)()> parts[] = {
        {"startUp", &Bench::start_up},         {"memory", &Bench::memory},
        {"footprint", &Bench::footprint},      {"throughput", &Bench::throughput},
        {"latency", &Bench::latency},          {"manyReaders", &Bench::many_readers},
        {"idleClients", &Bench::idle_clients}, {"badClients", &Bench::beside_bad_clients},
        {"roundTrips", &Bench::round_trips},   {"size", &Bench::size},
    };
    for (const auto& [name, measure] : parts) {
      if (options_.only.empty() || options_.only == name) (this->*measure)();
    }
    if (figures_.empty()) throw std::runtime_error("nothing is called " + options_.only);
  }

  const std::vector<Figure>& figures() const { return figures_; }

 private:
  bool has_reference() const { return !options_.reference.empty(); }

  // A Codex home that is signed in, with `url` as the service.
  void write_home(const std::string& folder, const std::string& url) const {
    write_file(folder + "/auth.json", testing::chatgpt_sign_in().dump());
    write_file(folder + "/config.toml", "chatgpt_base_url = \"" + url +
                                            "/backend-api\"\n"
                                            "cli_auth_credentials_store = \"file\"\n");
  }

  Environment environment(const std::string& home) const {
    return {{"CODEX_HOME", home},
            {"HOME", home},
            {"QUOTAD_STATE_HOME", home + "/state"},
            {"CODEX_REFRESH_TOKEN_URL_OVERRIDE", "http://127.0.0.1:9/"},
            {"CODEX_ACCESS_TOKEN", ""}};
  }

  // A fresh home for the reference, which keeps much in it.
  class Home {
   public:
    Home(const Bench& bench, bool for_reference) {
      std::string name = (for_reference ? bench.options_.homes : "/tmp") + "/bench-home-XXXXXX";
      if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
      path_ = name;
      bench.write_home(path_, bench.nginx_.url());
    }
    ~Home() {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    const std::string& path() const { return path_; }

   private:
    std::string path_;
  };

  static void progress(const char* what) { std::fprintf(stderr, "measuring: %s\n", what); }

  double start_to_answer(const std::string& program, const std::string& home) const {
    const auto start = Clock::now();
    Program server({program, "app-server"}, environment(home));
    server.send(kHello + kReadLimits);
    server.answer("2");
    return ms_since(start);
  }

  void start_up() {
    progress("start to the first answer");
    const Home ours(*this, false);
    const std::string url = nginx_.url() + "/backend-api/wham/usage";
    std::vector<double> quotad;
    std::vector<double> limits;
    std::vector<double> curl;
    std::vector<double> reference;
    const auto time_of = [](const bench::Words& command, const Environment& environment) {
      const auto start = Clock::now();
      bench::run(command, environment);
      return ms_since(start);
    };
    for (int round = 0; round < (options_.quick ? 5 : 41); ++round) {
      quotad.push_back(start_to_answer(options_.quotad, ours.path()));
      limits.push_back(time_of({options_.quotad, "limits"}, environment(ours.path())));
      curl.push_back(time_of({"curl", "-s", "-H", "Authorization: Bearer token", url}, {}));
      if (has_reference() && round < 7) {
        const Home theirs(*this, true);
        reference.push_back(start_to_answer(options_.reference, theirs.path()));
      }
    }
    add({.name = "start to first rateLimits/read (floor: curl)",
         .unit = "ms",
         .quotad = median(quotad),
         .reference = if_any(reference),
         .floor = median(curl),
         .aim = 12,
         .most_times_floor = 2});
    add({.name = "`quotad limits`, from start to prompt (floor: curl)",
         .unit = "ms",
         .quotad = median(limits),
         .floor = median(curl),
         .aim = 30});
  }

  static std::optional<double> if_any(const std::vector<double>& values) {
    if (values.empty()) return std::nullopt;
    return median(values);
  }

  struct Resident {
    double after_one = 0;
    double after_many = 0;
  };

  Resident resident(const std::string& program, const std::string& home, std::size_t many) const {
    Program server({program, "app-server"}, environment(home));
    server.send(kHello + kReadLimits);
    server.answer("2");
    Resident found{.after_one = static_cast<double>(server.resident_kb()) / 1024};
    server.load(kReadLimits, many, 32);
    found.after_many = static_cast<double>(server.resident_kb()) / 1024;
    return found;
  }

  void memory() {
    progress("memory");
    const Home ours(*this, false);
    const Resident quotad = resident(options_.quotad, ours.path(), 10'000);
    std::optional<double> one;
    std::optional<double> many;
    if (has_reference()) {
      const Home theirs(*this, true);
      const Resident found = resident(options_.reference, theirs.path(), options_.quick ? 10 : 300);
      one = found.after_one;
      many = found.after_many;
    }
    add({.name = "resident, idle after one reading",
         .unit = "MB",
         .quotad = quotad.after_one,
         .reference = one,
         .floor = floor_of(1, 1).resident_mb,
         .aim = 10});
    add({.name = "resident, after 10,000 (reference: 300)",
         .unit = "MB",
         .quotad = quotad.after_many,
         .reference = many,
         .floor = floor_of(10'000, 32).resident_mb,
         .aim = 12});
  }

  // Bytes in the files of a folder.
  static double bytes_in(const std::string& folder) {
    double bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
    }
    return bytes;
  }

  double left_behind(const std::string& program, bool is_reference) const {
    const Home home(*this, is_reference);
    const double before = bytes_in(home.path());
    Program server({program, "app-server"}, environment(home.path()));
    server.send(kHello + kReadLimits);
    server.answer("2");
    const auto written = static_cast<double>(server.written_bytes());
    server.finish();
    return std::max(written, bytes_in(home.path()) - before);
  }

  void footprint() {
    progress("what a reading writes");
    add({.name = "bytes written or left behind by one reading",
         .unit = "B",
         .quotad = left_behind(options_.quotad, false),
         .reference = has_reference() ? std::optional<double>(left_behind(options_.reference, true))
                                      : std::nullopt,
         .aim = 0});
  }

  struct Load {
    double per_second = 0;
    double cpu_us = 0;    // of each read
    double upstream = 0;  // calls for each read
    double load_us = 0;   // CPU of the load itself for each read
  };

  Load load(const std::string& program, const std::string& home, std::size_t times) const {
    double load_us = 0;
    const auto cpu_of = [&](std::size_t count, double* seconds) {
      Program server({program, "app-server"}, environment(home));
      server.send(kHello + kReadUsage);
      server.answer("2");
      const auto start = Clock::now();
      const std::clock_t load_start = std::clock();
      server.load(kReadUsage, count, 32);
      load_us = static_cast<double>(std::clock() - load_start) * 1e6 / CLOCKS_PER_SEC;
      *seconds = ms_since(start) / 1000;
      return static_cast<double>(server.finish());
    };
    double seconds = 0;
    const double idle = cpu_of(1, &seconds);
    const std::size_t calls = nginx_.calls();
    const double busy = cpu_of(times, &seconds);
    const auto count = static_cast<double>(times);
    return {.per_second = count / seconds,
            .cpu_us = (busy - idle) / count,
            .upstream = static_cast<double>(nginx_.calls() - calls) / count,
            .load_us = load_us / count};
  }

  // Of the bare loop.
  struct Floor {
    double wall_us = 0;  // of one call
    double cpu_us = 0;
    double resident_mb = 0;  // at the end
  };

  Floor floor_of(std::size_t calls, int in_flight) const {
    const std::string printed =
        bench::run({options_.floor, nginx_.url() + "/backend-api/wham/profiles/me",
                    std::to_string(calls), std::to_string(in_flight)});
    std::istringstream words(printed);
    double wall = 0;
    double cpu = 0;
    double resident_kb = 0;
    if (!(words >> wall >> cpu >> resident_kb)) throw std::runtime_error("the floor failed");
    const auto count = static_cast<double>(calls);
    return {.wall_us = wall / count, .cpu_us = cpu / count, .resident_mb = resident_kb / 1024};
  }

  void throughput() {
    progress("32 in flight");
    const Home ours(*this, false);
    std::vector<double> rate;
    std::vector<double> cpu;
    std::vector<double> upstream;
    std::vector<double> load_us;
    std::vector<double> floor_rate;
    std::vector<double> floor_cpu;
    std::vector<double> their_rate;
    std::vector<double> their_cpu;
    for (int round = 0; round < (options_.quick ? 1 : 5); ++round) {
      const Load quotad = load(options_.quotad, ours.path(), options_.quick ? 5'000 : 40'000);
      rate.push_back(quotad.per_second);
      cpu.push_back(quotad.cpu_us);
      upstream.push_back(quotad.upstream);
      load_us.push_back(quotad.load_us);
      const Floor bare = floor_of(options_.quick ? 5'000 : 20'000, 32);
      floor_rate.push_back(1e6 / bare.wall_us);
      floor_cpu.push_back(bare.cpu_us);
      if (has_reference() && round < 2) {
        const Home theirs(*this, true);
        const Load reference = load(options_.reference, theirs.path(), 100);
        their_rate.push_back(reference.per_second);
        their_cpu.push_back(reference.cpu_us);
      }
    }
    add({.name = "CPU per usage/read, 32 in flight",
         .unit = "us",
         .quotad = median(cpu),
         .reference = if_any(their_cpu),
         .floor = median(floor_cpu),
         .aim = 80,
         .most_times_floor = 2});
    add({.name = "usage/read a second, 32 in flight",
         .unit = "1/s",
         .quotad = median(rate),
         .reference = if_any(their_rate),
         .floor = median(floor_rate),
         .aim = 8'000,
         .less_is_better = false,
         .most_times_floor = 2});
    std::printf(
        "(identical reads share calls: %.3f upstream calls for each of these; the floor "
        "makes 1)\n"
        "(the load takes %.1f us of CPU for each read, %.0f %% of a core)\n",
        median(upstream), median(load_us), median(load_us) * median(rate) / 1e4);
  }

  void latency() {
    progress("one at a time");
    const auto ask_one_by_one = [](Program& server, int times) {
      std::vector<double> values;
      for (int i = 0; i < times; ++i) {
        const auto start = Clock::now();
        server.send(kReadUsage);
        server.answer("2");
        values.push_back(ms_since(start));
      }
      return median(values);
    };
    const auto one_by_one = [&](const std::string& program, const std::string& home, int times) {
      Program server({program, "app-server"}, environment(home));
      server.send(kHello + kReadUsage);
      server.answer("2");
      return ask_one_by_one(server, times);
    };
    const Home ours(*this, false);
    const std::string url = nginx_.url() + "/backend-api/wham/profiles/me";
    std::vector<double> quotad;
    std::vector<double> floor;
    std::vector<double> line_floor;
    std::vector<double> json_floor;
    const auto between_pipes = [&](const char* how) {
      Program lines({options_.floor, url, how}, {});
      lines.send("{\"id\":2}\n");
      lines.answer("2");
      return ask_one_by_one(lines, 1'000);
    };
    for (int round = 0; round < 5; ++round) {
      quotad.push_back(one_by_one(options_.quotad, ours.path(), 1'000));
      floor.push_back(floor_of(1'000, 1).wall_us / 1000);
      line_floor.push_back(between_pipes("stdio"));
      json_floor.push_back(between_pipes("json"));
    }
    std::optional<double> reference;
    if (has_reference()) {
      const Home theirs(*this, true);
      reference = one_by_one(options_.reference, theirs.path(), 30);
    }
    add({.name = "latency of one usage/read at a time",
         .unit = "ms",
         .quotad = median(quotad),
         .reference = reference,
         .floor = median(floor),
         .aim = 0.5,
         .most_times_floor = 2});
    add({.name = "the same (floor: the bare call between two pipes)",
         .unit = "ms",
         .quotad = median(quotad),
         .reference = reference,
         .floor = median(line_floor),
         .aim = 0.5,
         .most_times_floor = 2});
    add({.name = "the same (floor: between two pipes, and all JSON parsed and written)",
         .unit = "ms",
         .quotad = median(quotad),
         .reference = reference,
         .floor = median(json_floor),
         .aim = 0.5,
         .most_times_floor = 2});
  }

  static std::uint16_t port_of(Program& server) {
    const std::string url = server.listening_on();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }

  static void initialize(WebSocket& client) {
    client.send(
        R"({"id":1,"method":"initialize","params":{"clientInfo":{"name":"b","version":"1"}}})");
    client.receive();
  }

  void many_readers() {
    progress("1,000 WebSocket clients at once");
    // As far away as the service may be: next to nginx the first call would be over before all have asked.
    const DelayingRelay relay(nginx_.port(), std::chrono::milliseconds(20));
    const Home home(*this, false);
    write_home(home.path(), "http://127.0.0.1:" + std::to_string(relay.port()));
    Program server(
        {options_.quotad, "app-server", "--listen", "ws://127.0.0.1:0", "--no-token-check"},
        environment(home.path()), /*hear_errors=*/true);
    const std::uint16_t port = port_of(server);
    std::vector<WebSocket> clients;
    for (int i = 0; i < 1'000; ++i) clients.emplace_back(port);
    for (WebSocket& client : clients) initialize(client);
    clients.front().send(kReadLimits);  // opens the connections
    clients.front().receive();
    const std::size_t before = nginx_.calls();
    const auto start = Clock::now();
    const std::clock_t load_start = std::clock();
    for (WebSocket& client : clients) client.send(kReadLimits);
    for (WebSocket& client : clients) {
      if (client.receive().find("\"result\"") == std::string::npos) {
        throw std::runtime_error("a client got no result");
      }
    }
    const double ms = ms_since(start);
    std::printf("(1,000 clients: the load takes %.1f ms of CPU in %.1f ms)\n",
                static_cast<double>(std::clock() - load_start) * 1e3 / CLOCKS_PER_SEC, ms);
    add({.name = "1,000 clients reading limits, 40 ms away: last answer",
         .unit = "ms",
         .quotad = ms,
         .aim = 100});
    add({.name = "1,000 clients reading limits: upstream calls",
         .unit = "",
         .quotad = static_cast<double>(nginx_.calls() - before),
         .aim = 2});
  }

  // Of one read at a time, with some time between them.
  static double p99(WebSocket& client, int reads = 2'000, std::chrono::milliseconds pause = {}) {
    std::vector<double> values;
    for (int i = 0; i < reads; ++i) {
      std::this_thread::sleep_for(pause);
      const auto start = Clock::now();
      client.send(kReadUsage);
      client.receive();
      values.push_back(ms_since(start));
    }
    return percentile(values, 0.99);
  }

  void idle_clients() {
    progress("5,000 idle WebSocket clients");
    const Home home(*this, false);
    Program server(
        {options_.quotad, "app-server", "--listen", "ws://127.0.0.1:0", "--no-token-check"},
        environment(home.path()), /*hear_errors=*/true);
    const std::uint16_t port = port_of(server);
    WebSocket active(port);
    initialize(active);
    p99(active);
    const double alone = p99(active);
    std::vector<WebSocket> clients;
    for (int i = 0; i < 5'000; ++i) {
      clients.emplace_back(port);
      initialize(clients.back());
    }
    const double beside = p99(active);
    add({.name = "5,000 idle clients: resident",
         .unit = "MB",
         .quotad = static_cast<double>(server.resident_kb()) / 1024,
         .aim = 60});
    add({.name = "5,000 idle clients: p99 of an active one (floor: without them)",
         .unit = "ms",
         .quotad = beside,
         .floor = alone,
         .aim = 5,
         .most_times_floor = 1.5});
  }

  // What an honest client of one server notices of bad ones. The floor: the same clients are bad to
  // another server on this machine, which makes it as busy. Not in the half second in which they all come.
  void beside_bad_clients() {
    progress("an honest client beside bad ones");
    constexpr int kRounds = 5;
    const auto polite_p99 = [](WebSocket& client) {
      constexpr std::chrono::milliseconds kPause{5};
      p99(client, 50, kPause);
      return p99(client, 300, kPause);
    };
    const Home home(*this, false);
    const Words command = {options_.quotad, "app-server", "--listen", "ws://127.0.0.1:0",
                           "--no-token-check"};
    for (const BadClients& bad : bad_clients()) {
      Program server(command, environment(home.path()), /*hear_errors=*/true);
      Program other(command, environment(home.path()), /*hear_errors=*/true);
      const std::uint16_t port = port_of(server);
      const std::uint16_t other_port = port_of(other);
      WebSocket active(port);
      initialize(active);
      p99(active);
      std::vector<double> beside;
      std::vector<double> apart;
      std::int64_t resident = 0;
      for (int round = 0; round < kRounds; ++round) {
        {
          const auto acting = bad.act(other_port);
          apart.push_back(polite_p99(active));
        }
        const auto acting = bad.act(port);
        beside.push_back(polite_p99(active));
        resident = std::max(resident, server.resident_kb());
      }
      add({.name = "p99 of a client beside " + bad.what + " (floor: they are at another server)",
           .unit = "ms",
           .quotad = median(beside),
           .floor = median(apart),
           .aim = 10,  // of which the machine takes most when all clients flood
           .most_times_floor = 2});
      add({.name = "resident then",
           .unit = "MB",
           .quotad = static_cast<double>(resident) / 1024,
           .aim =
               220});  // 64 MiB of unread answers, as much of unfinished messages, 8,192 connections
    }
  }

  void round_trips() {
    progress("a second read over TLS, 40 ms away");
    constexpr std::chrono::milliseconds kOneWay{20};
    const DelayingRelay relay(nginx_.tls_port(), kOneWay);
    const auto second_read = [&](const std::string& program, bool is_reference) {
      const Home home(*this, is_reference);
      write_home(home.path(), "https://127.0.0.1:" + std::to_string(relay.port()));
      Environment variables = environment(home.path());
      variables["SSL_CERT_FILE"] = nginx_.certificate();
      Program server({program, "app-server"}, variables);
      server.send(kHello + kReadUsage);
      server.answer("2");
      const auto start = Clock::now();
      server.send(kReadUsage);
      server.answer("2");
      return ms_since(start) / (2 * static_cast<double>(kOneWay.count()));
    };
    add({.name = "second read over TLS with 40 ms of round trip",
         .unit = "trips",
         .quotad = second_read(options_.quotad, false),
         .reference = has_reference() ? std::optional<double>(second_read(options_.reference, true))
                                      : std::nullopt,
         .aim = 1.2});
  }

  void size() {
    const TemporaryFolder folder;
    const auto stripped = [&](const std::string& program) {
      const std::string copy = folder.file("stripped");
      bench::run({"strip", "-o", copy, program});
      return static_cast<double>(std::filesystem::file_size(copy)) / 1e6;
    };
    add({.name = "stripped program",
         .unit = "MB",
         .quotad = stripped(options_.quotad),
         .reference =
             has_reference()
                 ? std::optional<double>(
                       static_cast<double>(std::filesystem::file_size(options_.reference)) / 1e6)
                 : std::nullopt,
         .aim = 4});
  }

  void add(Figure figure) { figures_.push_back(std::move(figure)); }

  Options options_;
  Nginx nginx_;
  std::vector<Figure> figures_;
};

std::string shown(const std::optional<double>& value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, *value < 100 ? "%.2f" : "%.0f", *value);
  return text;
}

void print(const std::vector<Figure>& figures) {
  std::printf(
      "\n| figure | quotad | reference | floor | x reference | x floor | aim | |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Figure& figure : figures) {
    const auto ratio = [&](const std::optional<double>& other) {
      return other && figure.quotad > 0 ? shown(*other / figure.quotad) : std::string("-");
    };
    const std::string times_floor =
        figure.floor && *figure.floor > 0 ? shown(figure.quotad / *figure.floor) : "-";
    std::printf("| %s | %s %s | %s | %s | %s | %s | %s %s | %s |\n", figure.name.c_str(),
                shown(figure.quotad).c_str(), figure.unit.c_str(), shown(figure.reference).c_str(),
                shown(figure.floor).c_str(), ratio(figure.reference).c_str(), times_floor.c_str(),
                figure.less_is_better ? "<=" : ">=", shown(figure.aim).c_str(),
                figure.met() ? "met" : "NOT MET");
  }
}

void write_json(const std::string& path, const std::vector<Figure>& figures) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Figure& figure : figures) {
    const auto number = [](const std::optional<double>& value) {
      return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
    };
    rows.push_back({{"figure", figure.name},
                    {"unit", figure.unit},
                    {"quotad", figure.quotad},
                    {"reference", number(figure.reference)},
                    {"floor", number(figure.floor)},
                    {"aim", figure.aim},
                    {"lessIsBetter", figure.less_is_better},
                    {"mostTimesFloor", number(figure.most_times_floor)},
                    {"met", figure.met()}});
  }
  write_file(path, nlohmann::ordered_json{{"figures", rows}}.dump(2) + "\n");
}

int compare(const Options& options) {
  // As many descriptors as may be had: thousands of clients are at both ends.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Bench bench(options);
  bench.run();
  print(bench.figures());
  if (!options.json.empty()) write_json(options.json, bench.figures());
  return std::all_of(bench.figures().begin(), bench.figures().end(),
                     [](const Figure& figure) { return figure.met(); })
             ? EXIT_SUCCESS
             : EXIT_FAILURE;
}

}  // namespace
}  // namespace quotad::bench

int main(int argc, char** argv) {
  quotad::bench::Options options;
  CLI::App app("quotad beside the reference and the floor");
  app.add_option("--quotad", options.quotad, "The program under measurement")->required();
  app.add_option("--floor", options.floor, "The bare loop over libcurl")->required();
  app.add_option("--reference", options.reference, "The reference's native program");
  app.add_option("--homes", options.homes, "Where the reference's Codex homes may be");
  app.add_option("--json", options.json, "Where to write the figures");
  app.add_option("--only", options.only, "One part, for example badClients");
  app.add_flag("--quick", options.quick, "Fewer rounds");
  CLI11_PARSE(app, argc, argv);
  try {
    return quotad::bench::compare(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "compare: %s\n", error.what());
    return 2;
  }
}
