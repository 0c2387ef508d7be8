#include <unistd.h>

#include "sources/jq_filter.h"

int main() {
  creel::run_jq_filter(STDIN_FILENO, STDOUT_FILENO);
}
