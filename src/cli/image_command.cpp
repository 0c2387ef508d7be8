#include "cli/image_command.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/api_client.h"
#include "cli/api_pages.h"
#include "cli/api_text.h"
#include "cli/flags.h"
#include "cli/setting_value.h"

namespace creel {
namespace {

namespace json = boost::json;

/// Images of one call that adds or deletes.
constexpr std::size_t kBatch = 500;

struct ImageOptions {
  ApiFlags api;
  bool json = false;
  std::vector<std::int64_t> ids;
  std::vector<std::string> urls;
  std::string file;
  /// Of images that are added.
  std::string title;
  std::string description;
  std::string page_url;
  std::string image_id;

  std::string source;
  std::string state;
  std::string type;
  std::string failure_kind;
  std::string nsfw;
  std::string min_size;
  std::string max_size;
  std::string found_after;
  std::string found_before;
  std::string search;
  std::string sort;
  std::size_t limit = 50;
  bool all = false;
  std::string format = "jsonl";
  std::string output;
};

/// A file, or standard output.
class Output {
 public:
  explicit Output(const std::string& path)
      : name_(path.empty() ? "standard output" : path), file_(path.empty() ? stdout : std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) fail("cannot be made");
  }
  ~Output() {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view piece) {
    if (std::fwrite(piece.data(), 1, piece.size(), file_) != piece.size()) fail("cannot be written");
  }
  void flush() {
    if (std::fflush(file_) != 0) fail("cannot be written");
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw Failure(FailureKind::internal,
                  fmt::format("{}: {}: {}", name_, what, std::generic_category().message(errno)));
  }

  const std::string name_;
  std::FILE* file_;
};

/// One run of one of the commands. Threads: one.
class ImageRun {
 public:
  ImageRun(const ImageOptions& options, const aws::Environment& environment)
      : options_(options), client_(find_api(options.api, environment, clock_), environment, clock_) {}

  int list() {
    auto query = filter();
    query.add("sort", options_.sort);
    const auto images = all_pages(client_, "/images" + query.str(), options_.all ? SIZE_MAX : options_.limit);
    if (options_.json) return print_json(json::object{{"items", images}, {"next_cursor", nullptr}});
    fmt::print("{}", images_text(images));
    return 0;
  }

  int show() {
    const auto image = client_.get(path_of(options_.ids.front()));
    if (options_.json) return print_json(image);
    fmt::print("{}", image_text(image.as_object()));
    return 0;
  }

  int add() {
    const auto records = records_to_add();
    if (records.empty()) throw Failure(FailureKind::bad_request, "name a URL, or a --file with some");
    json::array items;
    for (std::size_t begin = 0; begin < records.size(); begin += kBatch) {
      const auto end = std::min(records.size(), begin + kBatch);
      const json::object body{{"images", json::array(records.begin() + static_cast<std::ptrdiff_t>(begin),
                                                     records.begin() + static_cast<std::ptrdiff_t>(end))}};
      const auto answer = client_.send(HttpMethod::post, "/images", body);
      for (const auto& item : answer.at("items").as_array()) items.push_back(item);
    }
    return report_added(items);
  }

  int remove() {
    std::uint64_t deleted = 0;
    for (std::size_t begin = 0; begin < options_.ids.size(); begin += kBatch) {
      const auto end = std::min(options_.ids.size(), begin + kBatch);
      json::array ids;
      for (auto i = begin; i < end; ++i) ids.push_back(json::value(options_.ids[i]));
      const auto answer = client_.send(HttpMethod::post, "/images/delete", json::object{{"ids", std::move(ids)}});
      deleted += answer.at("deleted").to_number<std::uint64_t>();
    }
    if (options_.json) print_json(json::object{{"deleted", deleted}});
    if (!options_.json) fmt::print("{} deleted\n", deleted);
    return deleted == options_.ids.size() ? 0 : 1;
  }

  int retry() {
    if (!options_.ids.empty()) return retry_some();
    if (!options_.all && options_.failure_kind.empty() && options_.source.empty()) {
      throw Failure(FailureKind::bad_request,
                    "say which: numbers of images, --failure-kind, --source, or --all that failed");
    }
    json::object body;
    if (!options_.failure_kind.empty()) body["failure_kind"] = options_.failure_kind;
    if (!options_.source.empty()) body["source"] = find_source(client_, options_.source);
    const auto answer = client_.send(HttpMethod::post, "/images/retry", body);
    if (options_.json) return print_json(answer);
    fmt::print("{} to be tried again\n", answer.at("retried").to_number<std::uint64_t>());
    return 0;
  }

  int save_export() {
    auto query = filter();
    query.add("format", options_.format);
    Output output(options_.output);
    client_.download("/images/export" + query.str(), [&output](std::string_view piece) { output.write(piece); });
    output.flush();
    return 0;
  }

  int open_url() {
    const auto path = path_of(options_.ids.front()) + "/content";
    auto url = client_.redirect_of(path).value_or(client_.base().resolve(path).str());
    if (options_.json) return print_json(json::object{{"url", url}});
    fmt::print("{}\n", url);
    return 0;
  }

 private:
  static std::string path_of(std::int64_t id) { return fmt::format("/images/{}", id); }

  QueryText filter() {
    QueryText query;
    if (!options_.source.empty()) query.add("source", std::to_string(find_source(client_, options_.source)));
    query.add("state", options_.state).add("type", options_.type).add("failure_kind", options_.failure_kind);
    query.add("nsfw", options_.nsfw).add("q", options_.search);
    query.add("min_size", options_.min_size).add("max_size", options_.max_size);
    query.add("found_after", options_.found_after).add("found_before", options_.found_before);
    return query;
  }

  json::array records_to_add() {
    std::vector<std::string> urls = options_.urls;
    json::array records;
    std::optional<std::int64_t> source;
    if (!options_.source.empty()) source = find_source(client_, options_.source);
    if (!options_.file.empty()) {
      for (const auto line : split(read_input(options_.file), '\n')) {
        const auto text = trim(line);
        if (!text.empty() && !text.starts_with('#')) urls.emplace_back(text);
      }
    }
    for (const auto& url : urls) {
      json::object record{{"image_url", url}};
      const auto add_field = [&record](std::string_view name, const std::string& value) {
        if (!value.empty()) record[name] = value;
      };
      add_field("image_id", options_.image_id);
      add_field("title", options_.title);
      add_field("description", options_.description);
      add_field("page_url", options_.page_url);
      if (source) record["source"] = *source;
      records.push_back(std::move(record));
    }
    return records;
  }

  /// 1 if any was refused.
  int report_added(const json::array& items) {
    bool is_refused = false;
    for (const auto& item : items) is_refused = is_refused || !item.at("error").is_null();
    if (options_.json) {
      print_json(json::object{{"items", items}, {"next_cursor", nullptr}});
      return is_refused ? 1 : 0;
    }
    for (const auto& value : items) {
      const auto& item = value.as_object();
      if (item.at("error").is_null()) {
        const auto* added = item.if_contains("added");
        const bool is_new = added != nullptr && added->is_bool() && added->get_bool();
        fmt::print("{}  {}  {}\n", member_text(item, "id"), is_new ? "added" : "known", member_text(item, "image_url"));
      } else {
        const auto* error = item.if_contains("error");
        const auto why = error->is_object() ? member_text(error->get_object(), "message") : member_text(item, "error");
        fmt::print(stderr, "refused: {}: {}\n", member_text(item, "image_url"), why);
      }
    }
    return is_refused ? 1 : 0;
  }

  int retry_some() {
    json::array after;
    for (const auto id : options_.ids) after.push_back(client_.send(HttpMethod::post, path_of(id) + "/retry"));
    if (options_.json) return print_json(after.size() == 1 ? after.front() : json::value(after));
    fmt::print("{}", images_text(after));
    return 0;
  }

  static int print_json(const json::value& value) {
    fmt::print("{}\n", json::serialize(value));
    return 0;
  }

  const ImageOptions& options_;
  const SystemClock clock_;
  ApiClient client_;
};

void add_filter_flags(CLI::App& command, ImageOptions& options) {
  constexpr const char* kGroup = "Which images";
  command.add_option("--source", options.source, "Of this source, by number or name")->group(kGroup);
  command.add_option("--state", options.state, "pending, storing, stored, failed or deleted")->group(kGroup);
  command.add_option("--type", options.type, "image/png, or image/*")->group(kGroup);
  command.add_option("--failure-kind", options.failure_kind, "Failed for this: not_found, timeout, ...")->group(kGroup);
  command.add_option("--nsfw", options.nsfw, "true or false")->check(CLI::IsMember({"true", "false"}))->group(kGroup);
  const auto add_size = [&command](const std::string& name, std::string& value, const std::string& help) {
    add_parsed(command, name, "SIZE", "", help, [&value](const std::string& text) {
      value = std::to_string(parse_bytes(text));
    })->group(kGroup);
  };
  add_size("--min-size", options.min_size, "At least so large");
  add_size("--max-size", options.max_size, "At most so large");
  command.add_option("--found-after", options.found_after, "2026-11-24T20:00:00Z")->type_name("TIME")->group(kGroup);
  command.add_option("--found-before", options.found_before, "2026-11-25T00:00:00Z")->type_name("TIME")->group(kGroup);
  command.add_option("--search,-q", options.search, "Words in title, description and attribution")
      ->type_name("WORDS")
      ->group(kGroup);
}

/// What the group of commands is made from.
class ImageCommands {
 public:
  ImageCommands(CLI::App& group, std::shared_ptr<ImageOptions> options) : group_(group), options_(std::move(options)) {}

  CLI::App& add(const std::string& name, const std::string& help, int (ImageRun::*run)()) {
    auto& command = add_without_json(name, help, run);
    command.add_flag("--json", options_->json, "Print JSON, as the API has it");
    return command;
  }

  /// The same for what is JSON, or a file, in any case.
  CLI::App& add_without_json(const std::string& name, const std::string& help, int (ImageRun::*run)()) {
    auto* command = group_.add_subcommand(name, help);
    add_api_flags(*command, options_->api);
    commands_.emplace_back(command, run);
    return *command;
  }

  void add_ids(CLI::App& command, int least, int most) {
    command.add_option("ID", options_->ids, "Numbers of images")
        ->required(least > 0)
        ->expected(least, most)
        ->type_name("");
  }

  int run(const aws::Environment& environment) const {
    if (!group_.remaining().empty()) return refuse_command(group_);
    for (const auto& [command, run] : commands_) {
      if (!command->parsed()) continue;
      ImageRun image_run(*options_, environment);
      return (image_run.*run)();
    }
    return refuse_command(group_);
  }

 private:
  CLI::App& group_;
  std::shared_ptr<ImageOptions> options_;
  std::vector<std::pair<CLI::App*, int (ImageRun::*)()>> commands_;
};

constexpr int kMany = 1'000'000;

void add_all(ImageCommands& commands, ImageOptions& options) {
  auto& list = commands.add("list", "Images, the newest first", &ImageRun::list);
  add_filter_flags(list, options);
  list.add_option("--sort", options.sort, "-found_at, found_at, -stored_at, stored_at, -size or size")
      ->check(CLI::IsMember({"-found_at", "found_at", "-stored_at", "stored_at", "-size", "size"}))
      ->type_name("BY");
  list.add_option("--limit", options.limit, "At most so many")->capture_default_str();
  list.add_flag("--all", options.all, "As many as there are");
  commands.add_ids(commands.add("show", "All that is known of one image", &ImageRun::show), 1, 1);
  auto& add = commands.add("add", "Add images by their URLs", &ImageRun::add);
  add.add_option("URL", options.urls, "Where the images are")->type_name("");
  add.add_option("--file", options.file, "A file with a URL a line; - for standard input")->type_name("FILE");
  add.add_option("--title", options.title);
  add.add_option("--description", options.description);
  add.add_option("--page-url", options.page_url, "The page that shows the image")->type_name("URL");
  add.add_option("--image-id", options.image_id, "Its name for good; else after its URL")->type_name("ID");
  add.add_option("--source", options.source, "Into this source of type direct, by number or name; else into 'direct'");
  commands.add_ids(
      commands.add("remove", "Delete images and their objects; no poll brings them back", &ImageRun::remove), 1, kMany);
  auto& retry = commands.add("retry", "Try images again that failed", &ImageRun::retry);
  commands.add_ids(retry, 0, kMany);
  retry.add_option("--failure-kind", options.failure_kind, "All that failed for this")->type_name("KIND");
  retry.add_option("--source", options.source, "All of this source that failed");
  retry.add_flag("--all", options.all, "All that failed");
  auto& save =
      commands.add_without_json("export", "All that is known of images, as JSON Lines or CSV", &ImageRun::save_export);
  add_filter_flags(save, options);
  save.add_option("--format", options.format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->capture_default_str();
  save.add_option("--output,-o", options.output, "Into this file instead of standard output")->type_name("FILE");
  commands.add_ids(commands.add("open-url",
                                "Print where a browser can look at an image: for a bucket a link that is "
                                "open to everybody for a while, else the backend's own",
                                &ImageRun::open_url),
                   1, 1);
}

}  // namespace

Command add_image_command(CLI::App& program, const aws::Environment& environment) {
  auto* group =
      program.add_subcommand("image", "Images of a backend that runs: list, show, add, retry, export and more");
  const auto options = std::make_shared<ImageOptions>();
  const auto commands = std::make_shared<ImageCommands>(*group, options);
  add_all(*commands, *options);
  // Not earlier: the commands would take after it.
  group->allow_extras();
  return {group, [commands, options, &environment] { return commands->run(environment); }};
}

}  // namespace creel
