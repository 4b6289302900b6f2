#include "sim/verify_memo.h"

#include <gtest/gtest.h>

#include "crypto/seeded_random.h"

namespace ambit::sim {
namespace {

TEST(VerifyMemo, AnswersAsTheKeyDoes) {
    crypto::SeededRandom random(crypto::Seed{7});
    const auto key = crypto::SigningKey::generate(random);
    const auto other = crypto::SigningKey::generate(random);
    const Bytes message{1, 2, 3};
    const Bytes changed{1, 2, 4};
    const crypto::Signature signature = key.sign(crypto::kChannelHead, message);
    VerifyMemo memo;
    for (int round = 0; round < 3; ++round) {
        EXPECT_TRUE(memo.verify(key.verify_key(), crypto::kChannelHead, message, signature));
        EXPECT_FALSE(memo.verify(key.verify_key(), crypto::kChannelHead, changed, signature));
        EXPECT_FALSE(memo.verify(key.verify_key(), crypto::kRosterOperation, message, signature));
        EXPECT_FALSE(memo.verify(other.verify_key(), crypto::kChannelHead, message, signature));
        EXPECT_FALSE(memo.verify(key.verify_key(), crypto::kChannelHead, message,
                                 other.sign(crypto::kChannelHead, message)));
    }
    EXPECT_EQ(memo.remembered(), 2U) << "only what was good is remembered";
}

}  // namespace
}  // namespace ambit::sim
