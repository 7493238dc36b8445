// kai: the command line.
#include "cli/cli.h"

int main(int argc, char** argv) {
  return kai::run_cli(argc, argv, KAI_VERSION);
}
