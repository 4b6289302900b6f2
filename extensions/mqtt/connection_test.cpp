// Brokers that are none: over a real socket, each on the loop of the test.
#include "mqtt/connection.h"

#include <optional>

#include <gmock/gmock.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

namespace ambit::mqtt {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;

class ConnectionTest : public testing::Test {
  protected:
    void connect(milliseconds answers_within) {
        Broker broker{"127.0.0.1", acceptor_.local_endpoint().port(), "", ""};
        broker.answers_within = answers_within;
        connection_ = Connection::open(broker, loop_,
                                       {[this] { ++connected_; },
                                        [this](const std::string& reason) { lost_.push_back(reason); },
                                        [](const std::string&, std::string_view, bool) {}})
                          .value();
    }

    // Until it was lost so often; it never takes as long as this waits.
    bool is_lost(std::size_t times) {
        const auto end = std::chrono::steady_clock::now() + seconds(60);
        while (lost_.size() < times && std::chrono::steady_clock::now() < end) {
            loop_.io().run_one_for(milliseconds(100));
        }
        return lost_.size() >= times;
    }

    Loop loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.io().get_executor()};
    tcp::acceptor acceptor_{loop_.io(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
    int connected_ = 0;
    std::vector<std::string> lost_;
    std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, GivesUpOnWhoeverTakesTheConnectionAndNeverAnswers) {
    connect(milliseconds(50));
    ASSERT_TRUE(is_lost(2)) << "and tries again";
    for (const std::string& reason : lost_) {
        EXPECT_THAT(reason, HasSubstr("no answer from 127.0.0.1"));
    }
    EXPECT_EQ(connected_, 0);
}

TEST_F(ConnectionTest, GivesUpOnGarbage) {
    const std::string garbage = "HTTP/1.1 400 Bad Request\r\n\r\n" + std::string(1000, '\xFF');
    std::vector<tcp::socket> peers;
    std::function<void()> accept = [&] {
        acceptor_.async_accept([&](const boost::system::error_code& error, tcp::socket peer) {
            if (!error) {
                boost::system::error_code gone;
                boost::asio::write(peer, boost::asio::buffer(garbage), gone);
                peers.push_back(std::move(peer));
                accept();
            }
        });
    };
    accept();
    connect(seconds(50));
    ASSERT_TRUE(is_lost(2)) << "long before it would be given up as silent";
    EXPECT_THAT(lost_[0], testing::Not(HasSubstr("no answer")));
    EXPECT_EQ(connected_, 0);
}

}  // namespace
}  // namespace ambit::mqtt
