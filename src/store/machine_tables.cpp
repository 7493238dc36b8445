// The tables of what the machine is like: its devices' speeds, and whom they do not bear.
#include "store/statements.h"
#include "store/tables.h"

namespace kai {

void put_speed(SQLite::Database& database, const Device& device) {
  execute(database, "INSERT OR REPLACE INTO device_speeds VALUES (?, ?, ?, ?, ?, ?, ?)",
          device.id.text, device.name, device.lanes, device.threads_per_lane,
          device.speed->lane_read, device.speed->all_read, device.speed->lane_flops);
  forget_oldest(database, "device_speeds");
}

std::vector<Device> speeds(SQLite::Database& database) {
  SQLite::Statement rows(database,
                         "SELECT device, name, lanes, threads, lane_read, all_read, lane_flops "
                         "FROM device_speeds ORDER BY device");
  std::vector<Device> found;
  while (rows.executeStep()) {
    Device device;
    device.id = DeviceId(rows.getColumn(0).getString());
    device.name = rows.getColumn(1).getString();
    device.lanes = rows.getColumn(2).getInt();
    device.threads_per_lane = rows.getColumn(3).getInt();
    device.speed = DeviceSpeed{rows.getColumn(4).getDouble(), rows.getColumn(5).getDouble(),
                               rows.getColumn(6).getDouble()};
    found.push_back(std::move(device));
  }
  return found;
}

void put_deaths(SQLite::Database& database, const Deaths& deaths) {
  if (deaths.in_a_row == 0) {
    execute(database, "DELETE FROM deaths WHERE model = ? AND device = ?", deaths.model.text,
            deaths.device.text);
    return;
  }
  execute(database, "INSERT OR REPLACE INTO deaths VALUES (?, ?, ?, ?, ?)", deaths.model.text,
          deaths.device.text, deaths.in_a_row, std::int64_t{deaths.last.time_since_epoch().count()},
          deaths.why);
  forget_oldest(database, "deaths");
}

std::vector<Deaths> deaths(SQLite::Database& database) {
  SQLite::Statement rows(database,
                         "SELECT model, device, in_a_row, last_ns, why FROM deaths "
                         "WHERE in_a_row > 0 ORDER BY model, device");
  std::vector<Deaths> found;
  while (rows.executeStep()) {
    found.push_back({ModelId(rows.getColumn(0).getString()),
                     DeviceId(rows.getColumn(1).getString()), rows.getColumn(2).getInt(),
                     WallTime(Duration(rows.getColumn(3).getInt64())),
                     rows.getColumn(4).getString()});
  }
  return found;
}

}  // namespace kai
