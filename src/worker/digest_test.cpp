#include "worker/digest.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kai {
namespace {

class Digest : public testing::Test {
 protected:
  ~Digest() override { std::filesystem::remove(path_); }
  Result<std::string> of(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return digest_of(path_, std::ssize(bytes));
  }
  const std::string path_ =
      std::filesystem::temp_directory_path() / ("kai-digest-" + std::to_string(::getpid()));
};

TEST_F(Digest, IsTheSameForTheSameBytes) {
  const std::string bytes(3'000'000, 'x');
  const auto first = of(bytes);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 16u);
  EXPECT_EQ(of(bytes).value(), *first);
}

TEST_F(Digest, TellsSizesBeginningsAndWeightsApart) {
  const std::string bytes(3'000'000, 'x');
  const std::string digest = of(bytes).value();
  EXPECT_NE(of(bytes + 'x').value(), digest);
  std::string other = bytes;
  other[7] = 'y';
  EXPECT_NE(of(other).value(), digest);
  std::string weights = bytes;
  for (std::size_t at = 1'000'000; at < weights.size(); at += 1000) weights[at] = 'y';
  EXPECT_NE(of(weights).value(), digest);
}

TEST_F(Digest, SmallFilesHaveOneToo) {
  EXPECT_NE(of("").value(), of("a").value());
}

TEST_F(Digest, AFileThatEndsEarlyIsRefused) {
  std::ofstream(path_) << "short";
  const auto digest = digest_of(path_, 10'000'000);
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, ErrorCode::model_refused);
}

}  // namespace
}  // namespace kai
