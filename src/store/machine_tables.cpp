// The tables of what the machine is like: its devices' speeds, and whom they do not bear.
#include "store/statements.h"
#include "store/tables.h"

namespace kai {

void put_speed(Database& database, const Device& device) {
  execute(database, "INSERT OR REPLACE INTO device_speeds VALUES (?, ?, ?, ?, ?, ?, ?)",
          device.id.text, device.name, device.running, device.threads_per_lane,
          device.speed->lane_read, device.speed->all_read, device.speed->lane_flops);
  forget_oldest(database, "device_speeds");
}

std::vector<Device> speeds(Database& database) {
  return all_rows(database,
                  "SELECT device, name, lanes, threads, lane_read, all_read, lane_flops "
                  "FROM device_speeds ORDER BY device",
                  [](SQLite::Statement& row) {
                    Device device;
                    device.id = DeviceId(row.getColumn(0).getString());
                    device.name = row.getColumn(1).getString();
                    device.lanes = device.running = row.getColumn(2).getInt();
                    device.threads_per_lane = row.getColumn(3).getInt();
                    device.speed =
                        DeviceSpeed{row.getColumn(4).getDouble(), row.getColumn(5).getDouble(),
                                    row.getColumn(6).getDouble()};
                    return device;
                  });
}

void put_deaths(Database& database, const Deaths& deaths) {
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

std::vector<Deaths> deaths(Database& database) {
  return all_rows(database,
                  "SELECT model, device, in_a_row, last_ns, why FROM deaths "
                  "WHERE in_a_row > 0 ORDER BY model, device",
                  [](SQLite::Statement& row) {
                    return Deaths{ModelId(row.getColumn(0).getString()),
                                  DeviceId(row.getColumn(1).getString()), row.getColumn(2).getInt(),
                                  WallTime(Duration(row.getColumn(3).getInt64())),
                                  row.getColumn(4).getString()};
                  });
}

}  // namespace kai
