#include "catalog/image_intake.h"

#include <string_view>
#include <unordered_set>

#include "catalog/clean_text.h"

namespace creel {
namespace {

/// An image that failed may be tried again by the backend after so long, if its failure may pass.
constexpr std::chrono::hours kRetryAfter{24};
/// Images for which there is one statement at a time: its values are in memory twice.
constexpr std::size_t kPartSize = 1000;

FoundImage cleaned(FoundImage image) {
  for (auto* text :
       {&image.image_id, &image.url, &image.host, &image.folder, &image.file_name, &image.fetch_headers, &image.meta}) {
    clean(*text);
  }
  for (auto* text : {&image.title, &image.description, &image.attribution_id, &image.attribution_name,
                     &image.attribution_url, &image.page_url, &image.type}) {
    clean(*text);
  }
  return image;
}

bool gets_another_chance(const Intake& intake, const KnownImage& known) {
  if (intake.retry.all || intake.retry.kind == known.failure.kind) return true;
  if (!is_retryable(known.failure.kind)) return false;
  return intake.queue != kBackendQueue || known.updated_at <= intake.now - kRetryAfter;
}

}  // namespace

struct ImageIntake::Listed {
  const FoundImage* image = nullptr;
  std::size_t place = 0;
};

ImageIntake::ImageIntake(soci::session& session, Dialect dialect, HostTable& hosts)
    : dialect_(dialect), statements_(intake_statements(session, dialect, hosts)) {}
ImageIntake::~ImageIntake() = default;

std::vector<Sighting> ImageIntake::see(const Intake& intake, std::span<const FoundImage> images) {
  std::vector<FoundImage> clean_images;
  // A job that runs once keeps what its list holds byte for byte, where the database can.
  if (intake.queue == kBackendQueue || dialect_ == Dialect::postgresql) {
    for (const auto& image : images) clean_images.push_back(cleaned(image));
    images = clean_images;
  }
  statements_->begin(intake, images);
  std::vector<Sighting> sightings(images.size(), Sighting{.what = Sighting::What::repeated});
  std::vector<Listed> listed;
  std::unordered_set<std::string_view> ids;
  for (std::size_t place = 0; place < images.size(); ++place) {
    if (ids.insert(images[place].image_id).second) listed.push_back({&images[place], place});
  }
  for (std::size_t begin = 0; begin < listed.size(); begin += kPartSize) {
    const auto size = std::min(kPartSize, listed.size() - begin);
    see_part(intake, std::span(listed).subspan(begin, size), sightings);
  }
  std::size_t found = 0;
  std::size_t added = 0;
  for (const auto& sighting : sightings) {
    if (sighting.what != Sighting::What::repeated) ++found;
    if (sighting.is_new) ++added;
  }
  if (found > 0) statements_->count_found(intake.poll, found, added);
  return sightings;
}

/// Most images of a first poll are new, so adding is tried before looking.
void ImageIntake::see_part(const Intake& intake, std::span<const Listed> part, std::vector<Sighting>& sightings) {
  std::vector<const FoundImage*> images;
  for (const auto& listed : part) images.push_back(listed.image);
  const auto rows = statements_->add(intake, images);

  std::vector<const FoundImage*> known_images;
  std::vector<std::size_t> known_places;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (rows[i]) {
      sightings[part[i].place] = {.what = Sighting::What::pending, .is_new = true, .row = *rows[i]};
    } else {
      known_images.push_back(part[i].image);
      known_places.push_back(part[i].place);
    }
  }
  if (known_images.empty()) return;
  const auto known = statements_->known(intake, known_images);
  for (std::size_t i = 0; i < known.size(); ++i) {
    sightings[known_places[i]] = see_known(intake, known[i], *known_images[i]);
  }
}

Sighting ImageIntake::see_known(const Intake& intake, const KnownImage& known, const FoundImage& image) {
  using enum Sighting::What;
  Sighting sighting{.row = known.row};
  const bool is_for_backend = intake.queue == kBackendQueue;
  if (known.poll == intake.poll) {
    sighting.what = repeated;
    return sighting;
  }
  switch (known.state) {
    case ImageState::pending:
      if (!is_for_backend) statements_->queue_again(intake, known.row, image);
      return sighting;
    case ImageState::storing: break;
    case ImageState::stored:
      sighting.what = stored;
      sighting.stored = known.stored;
      break;
    case ImageState::failed:
      if (gets_another_chance(intake, known)) {
        statements_->queue_again(intake, known.row, image);
        return sighting;
      }
      sighting.what = failed;
      sighting.failure = known.failure;
      break;
    case ImageState::deleted:
      if (intake.retry.deleted) {
        statements_->queue_again(intake, known.row, image);
        return sighting;
      }
      sighting.what = deleted;
      break;
  }
  sighting.attempts = known.attempts;
  if (!is_for_backend) statements_->see_again(intake, known.row);
  return sighting;
}

}  // namespace creel
