#include "scheduler/ledger.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

// A device of 100 bytes with `lanes` lanes.
Ledger ledger_of(int lanes, std::int64_t capacity = 100) {
  const std::vector<Device> devices{
      {DeviceId("cpu"), DeviceKind::cpu, "", Bytes(capacity), lanes, 1}};
  return Ledger(devices);
}
LaneId lane(int index) {
  return {DeviceId("cpu"), index};
}
ModelId model(const std::string& name) {
  return ModelId(name);
}

Claim claim(const std::string& name, std::int64_t bytes, std::int64_t context = 10,
            int sequences = 1) {
  return {DeviceId("cpu"), ModelId(name), Bytes(bytes), Tokens(context), sequences};
}

// Begins a load that evicts nothing.
Room::Resident hold(Ledger& ledger, int index, const Claim& what) {
  return ledger.hold({Room::Kind::load, lane(index), {}}, what);
}
// Loaded and idle.
Room::Resident bring(Ledger& ledger, int index, const Claim& what) {
  const Room::Resident held = hold(ledger, index, what);
  ledger.loaded(held, what.bytes, Duration(0));
  return held;
}

std::vector<std::string> names(const std::vector<Room::Resident>& residents) {
  std::vector<std::string> list;
  for (const auto& resident : residents) list.push_back(resident.model.text);
  return list;
}

using Names = std::vector<std::string>;
using Kind = Room::Kind;

TEST(Ledger, AnEmptyDeviceLoadsWhatFits) {
  const Ledger ledger = ledger_of(1);
  const Room room = ledger.room_for(claim("a", 100));
  EXPECT_EQ(room.kind, Kind::load);
  EXPECT_EQ(room.lane, lane(0));
  EXPECT_TRUE(room.evict.empty());
}

TEST(Ledger, RefusesMoreThanCapacity) {
  Ledger ledger = ledger_of(2);
  EXPECT_EQ(ledger.room_for(claim("a", 101)).kind, Kind::never);
  ledger.set_capacity(DeviceId("cpu"), Bytes(101));
  EXPECT_EQ(ledger.room_for(claim("a", 101)).kind, Kind::load);
}

TEST(Ledger, BytesAreHeldFromTheBeginningOfALoad) {
  Ledger ledger = ledger_of(2);
  hold(ledger, 0, claim("a", 60));
  EXPECT_EQ(ledger.held(DeviceId("cpu")), Bytes(60));
  EXPECT_EQ(ledger.room_for(claim("b", 41)).kind, Kind::wait);
  EXPECT_EQ(ledger.room_for(claim("b", 40)).kind, Kind::load);
}

TEST(Ledger, MeasuredBytesTakeThePlaceOfPredictedOnes) {
  Ledger ledger = ledger_of(1);
  ledger.loaded(hold(ledger, 0, claim("a", 60)), Bytes(70), Duration(0));
  EXPECT_EQ(ledger.held(DeviceId("cpu")), Bytes(70));
}

TEST(Ledger, ALoadedModelIsReady) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 1, claim("a", 60));
  const Room room = ledger.room_for(claim("a", 60));
  EXPECT_EQ(room.kind, Kind::ready);
  EXPECT_EQ(room.lane, lane(1));
}

TEST(Ledger, AModelThatIsStillLoadingIsWaitedFor) {
  Ledger ledger = ledger_of(2);
  hold(ledger, 0, claim("a", 40));
  EXPECT_EQ(ledger.room_for(claim("a", 40)).kind, Kind::wait);
}

TEST(Ledger, SequencesOfOneModelRunTogetherUpToItsNumber) {
  Ledger ledger = ledger_of(1);
  bring(ledger, 0, claim("a", 60, 10, 2));
  ledger.begin(lane(0), model("a"));
  EXPECT_EQ(ledger.room_for(claim("a", 60)).kind, Kind::ready);
  ledger.begin(lane(0), model("a"));
  EXPECT_EQ(ledger.room_for(claim("a", 60)).kind, Kind::wait);
}

TEST(Ledger, ALaneRunsOneModelAtATime) {
  Ledger ledger = ledger_of(1);
  bring(ledger, 0, claim("a", 30));
  bring(ledger, 0, claim("b", 30));
  const auto holding = ledger.begin(lane(0), model("a"));
  EXPECT_EQ(ledger.room_for(claim("b", 30)).kind, Kind::wait);
  EXPECT_EQ(ledger.room_for(claim("c", 30)).kind, Kind::wait);
  ledger.end(lane(0), model("a"), holding);
  EXPECT_EQ(ledger.room_for(claim("b", 30)).kind, Kind::ready);
}

TEST(Ledger, LoadsOnTheEmptiestFreeLane) {
  Ledger ledger = ledger_of(3);
  bring(ledger, 0, claim("a", 10));
  bring(ledger, 1, claim("b", 10));
  EXPECT_EQ(ledger.room_for(claim("c", 10)).lane, lane(2));
  hold(ledger, 2, claim("d", 10));
  EXPECT_EQ(ledger.room_for(claim("c", 10)).lane, lane(0));
}

// A GPU of 100 bytes: two lanes, one model answers while the other lane loads.
Ledger gpu_ledger() {
  const std::vector<Device> devices{
      {DeviceId("cpu"), DeviceKind::gpu, "", Bytes(100), 2, 1, /*running=*/1}};
  return Ledger(devices);
}

TEST(Ledger, ADeviceRunsNoMoreModelsThanItMay) {
  Ledger ledger = gpu_ledger();
  bring(ledger, 0, claim("a", 30, 10, 2));
  bring(ledger, 1, claim("b", 30));
  const auto holding = ledger.begin(lane(0), model("a"));
  EXPECT_EQ(ledger.room_for(claim("b", 30)).kind, Kind::wait);
  EXPECT_EQ(ledger.room_for(claim("a", 30)).kind, Kind::ready);  // another voice of the same
  ledger.end(lane(0), model("a"), holding);
  EXPECT_EQ(ledger.room_for(claim("b", 30)).kind, Kind::ready);
}

TEST(Ledger, WhereLanesLoadAheadOneLoadsWhileAnotherAnswers) {
  Ledger ledger = gpu_ledger();
  EXPECT_TRUE(ledger.loads_ahead(DeviceId("cpu")));
  bring(ledger, 0, claim("a", 30));
  ledger.begin(lane(0), model("a"));
  const Room room = ledger.room_for(claim("b", 30));
  EXPECT_EQ(room.kind, Kind::load);
  EXPECT_EQ(room.lane, lane(1));
}

TEST(Ledger, WhereLanesLoadAheadTheyLoadOneAtATime) {
  Ledger ledger = gpu_ledger();
  hold(ledger, 0, claim("a", 30));
  EXPECT_EQ(ledger.room_for(claim("b", 30)).kind, Kind::wait);
  Ledger cpu = ledger_of(2);
  EXPECT_FALSE(cpu.loads_ahead(DeviceId("cpu")));
  hold(cpu, 0, claim("a", 30));
  EXPECT_EQ(cpu.room_for(claim("b", 30)).kind, Kind::load);
}

TEST(Ledger, WhatIsKeptIsNeitherEvictedNorLoadedOver) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 0, claim("a", 50));
  bring(ledger, 1, claim("b", 50));
  EXPECT_EQ(names(ledger.room_for(claim("c", 50), {{model("a")}, {}}).evict), (Names{"b"}));
  EXPECT_EQ(ledger.room_for(claim("c", 51), {{model("a")}, {}}).kind, Kind::wait);
  EXPECT_EQ(ledger.room_for(claim("c", 50), {{}, {lane(0)}}).lane, lane(1));
  EXPECT_EQ(ledger.room_for(claim("c", 50), {{}, {lane(0), lane(1)}}).kind, Kind::wait);
  EXPECT_EQ(ledger.room_for(claim("a", 60, 20), {{}, {lane(0)}}).kind, Kind::wait);
}

TEST(Ledger, LiesReadyWhereItIsLargeEnoughWhoeverRunsThere) {
  Ledger ledger = ledger_of(1);
  EXPECT_EQ(ledger.lies_ready(claim("a", 30)), std::nullopt);
  const auto held = hold(ledger, 0, claim("a", 30));
  EXPECT_EQ(ledger.lies_ready(claim("a", 30)), std::nullopt);
  ledger.loaded(held, Bytes(30), Duration(0));
  bring(ledger, 0, claim("b", 30));
  ledger.begin(lane(0), model("b"));
  EXPECT_EQ(ledger.lies_ready(claim("a", 30)), lane(0));
  EXPECT_EQ(ledger.lies_ready(claim("a", 40, 20)), std::nullopt);
}

// Loaded in `load`, and asked `times`.
void bring_used(Ledger& ledger, const Claim& what, Duration load, int times) {
  ledger.loaded(hold(ledger, 0, what), what.bytes, load);
  for (int count = 0; count < times; ++count) {
    ledger.end(lane(0), what.model, ledger.begin(lane(0), what.model));
  }
}

TEST(Ledger, EvictsWhatIsUsedLeastLoadsFastestAndHoldsMost) {
  using std::chrono::seconds;
  Ledger used = ledger_of(1);
  bring_used(used, claim("often", 30), seconds(1), 3);
  bring_used(used, claim("once", 30), seconds(1), 1);
  EXPECT_EQ(names(used.room_for(claim("new", 60)).evict), (Names{"once"}));
  Ledger loads = ledger_of(1);
  bring_used(loads, claim("slow", 30), seconds(9), 1);
  bring_used(loads, claim("fast", 30), seconds(1), 1);
  EXPECT_EQ(names(loads.room_for(claim("new", 60)).evict), (Names{"fast"}));
  Ledger holds = ledger_of(1);
  bring_used(holds, claim("small", 20), seconds(1), 1);
  bring_used(holds, claim("large", 60), seconds(1), 1);
  EXPECT_EQ(names(holds.room_for(claim("new", 30)).evict), (Names{"large"}));
}

TEST(Ledger, SparesTheSmallOnesWhereALargeOneGoesAnyway) {
  Ledger ledger = ledger_of(1);
  bring_used(ledger, claim("small", 10), Duration(0), 0);  // worth least
  bring_used(ledger, claim("large", 80), Duration(0), 1);
  EXPECT_EQ(names(ledger.room_for(claim("new", 20)).evict), (Names{"small"}));
  EXPECT_EQ(names(ledger.room_for(claim("new", 90)).evict), (Names{"large"}));
}

TEST(Ledger, EvictsTheLeastRecentlyUsedOfLikeWorthAndNoMoreThanNeeded) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 0, claim("old", 30));
  bring(ledger, 1, claim("middle", 30));
  bring(ledger, 0, claim("young", 30));
  ledger.end(lane(0), model("old"), ledger.begin(lane(0), model("old")));  // worth most
  EXPECT_EQ(names(ledger.room_for(claim("new", 10)).evict), Names{});
  EXPECT_EQ(names(ledger.room_for(claim("new", 11)).evict), (Names{"middle"}));
  EXPECT_EQ(names(ledger.room_for(claim("new", 41)).evict), (Names{"middle", "young"}));
}

TEST(Ledger, NeverEvictsWhatRuns) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 0, claim("runs", 60));
  bring(ledger, 1, claim("idle", 30));
  ledger.begin(lane(0), model("runs"));
  EXPECT_EQ(names(ledger.room_for(claim("new", 40)).evict), (Names{"idle"}));
  EXPECT_EQ(ledger.room_for(claim("new", 41)).kind, Kind::wait);
}

TEST(Ledger, ATooSmallContextIsEnlargedWhereItLies) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 1, claim("a", 60, 10));
  const Room room = ledger.room_for(claim("a", 100, 20));
  EXPECT_EQ(room.kind, Kind::load);
  EXPECT_EQ(room.lane, lane(1));
  EXPECT_TRUE(room.evict.empty());  // into its own bytes and 40 more
}

TEST(Ledger, EnlargingEvictsOthersButNeverItself) {
  Ledger ledger = ledger_of(1);
  bring(ledger, 0, claim("a", 60, 10));
  bring(ledger, 0, claim("b", 40));
  EXPECT_EQ(names(ledger.room_for(claim("a", 61, 20)).evict), (Names{"b"}));
}

TEST(Ledger, ARunningModelIsNotEnlarged) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 0, claim("a", 30, 10));
  ledger.begin(lane(0), model("a"));
  EXPECT_EQ(ledger.room_for(claim("a", 40, 20)).kind, Kind::wait);
}

TEST(Ledger, DroppedBytesComeBack) {
  Ledger ledger = ledger_of(2);
  const Room::Resident held = bring(ledger, 0, claim("a", 30));
  bring(ledger, 0, claim("b", 30));
  bring(ledger, 1, claim("c", 30));
  ledger.drop(held);
  EXPECT_EQ(ledger.held(DeviceId("cpu")), Bytes(60));
  ledger.drop_lane(lane(0));
  EXPECT_EQ(names(ledger.residents(DeviceId("cpu"))), (Names{"c"}));
  ledger.drop(held);  // gone already: nothing happens
  EXPECT_EQ(ledger.held(DeviceId("cpu")), Bytes(30));
}

// A device of 100 bytes on which "a", of 60, makes room for "b", of `bytes`.
struct Eviction {
  explicit Eviction(std::int64_t bytes) : wanted(claim("b", bytes)) {
    bring(ledger, 0, claim("a", 60));
    room = ledger.room_for(wanted);
    hold = ledger.hold(room, wanted);
  }
  Ledger ledger = ledger_of(2);
  Claim wanted;
  Room room;
  Room::Resident hold;
};

TEST(Ledger, BytesOfTheEvictedStayHeldUntilTheyHaveLeft) {
  Eviction small(50);  // less than what goes
  EXPECT_EQ(names(small.room.evict), (Names{"a"}));
  EXPECT_EQ(small.ledger.held(DeviceId("cpu")), Bytes(60));
  EXPECT_EQ(small.ledger.room_for(claim("c", 41)).kind, Kind::wait);
  small.ledger.drop(small.room.evict[0]);
  EXPECT_EQ(small.ledger.held(DeviceId("cpu")), Bytes(50));

  Eviction large(70);  // more than what goes
  EXPECT_EQ(large.ledger.held(DeviceId("cpu")), Bytes(70));
  large.ledger.drop(large.room.evict[0]);
  EXPECT_EQ(large.ledger.held(DeviceId("cpu")), Bytes(70));
}

TEST(Ledger, BytesOfTheEvictedThatDieAreInheritedToo) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 1, claim("a", 60));
  bring(ledger, 0, claim("b", 40));
  ledger.end(lane(0), model("b"), ledger.begin(lane(0), model("b")));
  const Room room = ledger.room_for(claim("c", 60));  // on lane 0, evicting "a" from lane 1
  ASSERT_EQ(room.lane, lane(0));
  ASSERT_EQ(names(room.evict), (Names{"a"}));
  ledger.hold(room, claim("c", 60));
  ledger.drop_lane(lane(1));
  EXPECT_EQ(ledger.held(DeviceId("cpu")), Bytes(100));
}

TEST(Ledger, AModelThatLeavesIsNoMoreLeased) {
  const Eviction eviction(50);
  EXPECT_EQ(eviction.ledger.room_for(claim("a", 60)).kind, Kind::wait);
}

TEST(Ledger, TheEvictedOfADeadLoadLeaveAllTheSame) {
  Eviction eviction(70);
  eviction.ledger.drop(eviction.hold);
  EXPECT_EQ(eviction.ledger.held(DeviceId("cpu")), Bytes(60));
  eviction.ledger.drop(eviction.room.evict[0]);
  EXPECT_EQ(eviction.ledger.held(DeviceId("cpu")), Bytes(0));
}

TEST(Ledger, WhatLeftWithItsLaneIsNotTakenFromTheNext) {
  Eviction eviction(50);
  eviction.ledger.drop_lane(lane(0));
  bring(eviction.ledger, 0, claim("a", 60));  // another's
  eviction.ledger.drop(eviction.room.evict[0]);
  EXPECT_EQ(eviction.ledger.room_for(claim("a", 60)).kind, Kind::ready);
}

TEST(Ledger, ASequenceOfADroppedModelGivesNothingBack) {
  Ledger ledger = ledger_of(1);
  bring(ledger, 0, claim("a", 60));
  const auto before = ledger.begin(lane(0), model("a"));
  ledger.drop_lane(lane(0));
  bring(ledger, 0, claim("a", 60));
  ledger.begin(lane(0), model("a"));
  ledger.end(lane(0), model("a"), before);
  EXPECT_EQ(ledger.room_for(claim("a", 60)).kind, Kind::wait);  // the new one still runs
}

TEST(Ledger, ALoweredCapacityMakesRoomOnlyThroughEviction) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 0, claim("a", 60));
  ledger.set_capacity(DeviceId("cpu"), Bytes(50));
  EXPECT_EQ(names(ledger.room_for(claim("b", 10)).evict), (Names{"a"}));
}

TEST(Ledger, PlanningSeesIdleModelsAsFree) {
  Ledger ledger = ledger_of(2);
  bring(ledger, 0, claim("idle", 30));
  bring(ledger, 1, claim("runs", 60));
  ledger.begin(lane(1), model("runs"));
  const auto rooms = ledger.rooms();
  ASSERT_EQ(rooms.size(), 1u);
  EXPECT_EQ(rooms[0].free, Bytes(40));
  EXPECT_EQ(rooms[0].resident, (std::vector{model("idle"), model("runs")}));
  ledger.set_capacity(DeviceId("cpu"), Bytes(50));
  EXPECT_EQ(ledger.rooms()[0].free, Bytes(0));
}

TEST(Ledger, DevicesAreApart) {
  const std::vector<Device> devices{{DeviceId("cpu"), DeviceKind::cpu, "", Bytes(10), 1, 1},
                                    {DeviceId("gpu0"), DeviceKind::gpu, "", Bytes(100), 1, 1}};
  Ledger ledger(devices);
  Claim big = claim("a", 50);
  EXPECT_EQ(ledger.room_for(big).kind, Kind::never);
  big.device = DeviceId("gpu0");
  EXPECT_EQ(ledger.room_for(big).kind, Kind::load);
  ledger.hold(ledger.room_for(big), big);
  EXPECT_EQ(ledger.held(DeviceId("cpu")), Bytes(0));
  EXPECT_EQ(ledger.held(DeviceId("gpu0")), Bytes(50));
}

TEST(LedgerDeathTest, WhatTheCallerMustNotDoStopsTheProcess) {
  Ledger ledger = ledger_of(1);
  EXPECT_DEATH(ledger.held(DeviceId("gpu7")), "a device that the ledger does not know");
  EXPECT_DEATH(hold(ledger, 1, claim("a", 1)), "a lane that the ledger does not know");
  EXPECT_DEATH(ledger.begin(lane(0), model("a")), "a model that its lane does not hold");
}

}  // namespace
}  // namespace kai
