#include "sources/host_blocks.h"

#include <utility>

namespace creel {

Task<std::vector<HostBlock>> CatalogHostBlocks::find(std::vector<std::string> hosts) {
  try {
    co_return co_await catalog_.read(
        [&hosts, now = clock_.now()](Repositories& from) { return from.sources.blocks(hosts, now); });
  } catch (const CatalogUnavailable&) {
    // What is found waits for the catalog in any case; whether a host may be asked is no reason to hold up the poll.
    co_return std::vector<HostBlock>{};
  }
}

void CatalogHostBlocks::note(HostBlock block) {
  auto& unsaved = unsaved_[block.host];
  if (unsaved.until < block.until) unsaved = std::move(block);
  on_noted_();
}

Task<void> CatalogHostBlocks::save() {
  if (unsaved_.empty()) co_return;
  std::vector<HostBlock> blocks;
  for (const auto& [host, block] : unsaved_) blocks.push_back(block);
  co_await catalog_.write([&blocks](Repositories& to) { to.sources.block_hosts(blocks); });
  // Some may have become longer meanwhile.
  for (const auto& saved : blocks) {
    const auto found = unsaved_.find(saved.host);
    if (found != unsaved_.end() && found->second.until <= saved.until) unsaved_.erase(found);
  }
}

}  // namespace creel
