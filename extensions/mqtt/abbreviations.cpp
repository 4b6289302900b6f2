#include "mqtt/abbreviations.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ambit::mqtt {
namespace {

using Short = std::pair<std::string_view, std::string_view>;

// In the order of their bytes.
constexpr auto kTable = std::to_array<Short>({{"act_stat_t", "activity_state_topic"},
                                              {"act_val_tpl", "activity_value_template"},
                                              {"avty", "availability"},
                                              {"avty_mode", "availability_mode"},
                                              {"avty_t", "availability_topic"},
                                              {"avty_tpl", "availability_template"},
                                              {"bri", "brightness"},
                                              {"bri_cmd_t", "brightness_command_topic"},
                                              {"bri_cmd_tpl", "brightness_command_template"},
                                              {"bri_scl", "brightness_scale"},
                                              {"bri_stat_t", "brightness_state_topic"},
                                              {"bri_val_tpl", "brightness_value_template"},
                                              {"clr_temp_cmd_t", "color_temp_command_topic"},
                                              {"clr_temp_cmd_tpl", "color_temp_command_template"},
                                              {"clr_temp_k", "color_temp_kelvin"},
                                              {"clr_temp_stat_t", "color_temp_state_topic"},
                                              {"clr_temp_val_tpl", "color_temp_value_template"},
                                              {"cmd_t", "command_topic"},
                                              {"cmd_tpl", "command_template"},
                                              {"cmps", "components"},
                                              {"cod_form", "code_format"},
                                              {"curr_temp_t", "current_temperature_topic"},
                                              {"curr_temp_tpl", "current_temperature_template"},
                                              {"def_ent_id", "default_entity_id"},
                                              {"dev", "device"},
                                              {"dev_cla", "device_class"},
                                              {"dock_cmd_t", "dock_command_topic"},
                                              {"dock_cmd_tpl", "dock_command_template"},
                                              {"hum_cmd_t", "target_humidity_command_topic"},
                                              {"hum_cmd_tpl", "target_humidity_command_template"},
                                              {"hum_stat_t", "target_humidity_state_topic"},
                                              {"hum_state_tpl", "target_humidity_state_template"},
                                              {"ids", "identifiers"},
                                              {"l_ver_t", "latest_version_topic"},
                                              {"l_ver_tpl", "latest_version_template"},
                                              {"max_hum", "max_humidity"},
                                              {"mdl", "model"},
                                              {"mf", "manufacturer"},
                                              {"min_hum", "min_humidity"},
                                              {"mode_cmd_t", "mode_command_topic"},
                                              {"mode_cmd_tpl", "mode_command_template"},
                                              {"mode_stat_t", "mode_state_topic"},
                                              {"mode_stat_tpl", "mode_state_template"},
                                              {"o", "origin"},
                                              {"on_cmd_type", "on_command_type"},
                                              {"ops", "options"},
                                              {"p", "platform"},
                                              {"pause_cmd_t", "pause_command_topic"},
                                              {"pause_mw_cmd_tpl", "pause_command_template"},
                                              {"pct_cmd_t", "percentage_command_topic"},
                                              {"pct_cmd_tpl", "percentage_command_template"},
                                              {"pct_stat_t", "percentage_state_topic"},
                                              {"pct_val_tpl", "percentage_value_template"},
                                              {"pl_avail", "payload_available"},
                                              {"pl_cls", "payload_close"},
                                              {"pl_lock", "payload_lock"},
                                              {"pl_not_avail", "payload_not_available"},
                                              {"pl_off", "payload_off"},
                                              {"pl_on", "payload_on"},
                                              {"pl_open", "payload_open"},
                                              {"pl_paus", "payload_pause"},
                                              {"pl_prs", "payload_press"},
                                              {"pl_ret", "payload_return_to_base"},
                                              {"pl_stop", "payload_stop"},
                                              {"pl_strt", "payload_start"},
                                              {"pl_unlk", "payload_unlock"},
                                              {"pos_clsd", "position_closed"},
                                              {"pos_open", "position_open"},
                                              {"pos_t", "position_topic"},
                                              {"pos_tpl", "position_template"},
                                              {"ret", "retain"},
                                              {"rgb_cmd_t", "rgb_command_topic"},
                                              {"rgb_cmd_tpl", "rgb_command_template"},
                                              {"rgb_stat_t", "rgb_state_topic"},
                                              {"rgb_val_tpl", "rgb_value_template"},
                                              {"sa", "suggested_area"},
                                              {"set_pos_t", "set_position_topic"},
                                              {"set_pos_tpl", "set_position_template"},
                                              {"spd_rng_max", "speed_range_max"},
                                              {"spd_rng_min", "speed_range_min"},
                                              {"stat_closing", "state_closing"},
                                              {"stat_clsd", "state_closed"},
                                              {"stat_locked", "state_locked"},
                                              {"stat_off", "state_off"},
                                              {"stat_on", "state_on"},
                                              {"stat_open", "state_open"},
                                              {"stat_opening", "state_opening"},
                                              {"stat_t", "state_topic"},
                                              {"stat_unlocked", "state_unlocked"},
                                              {"stat_val_tpl", "state_value_template"},
                                              {"strt_mw_cmd_t", "start_mowing_command_topic"},
                                              {"strt_mw_cmd_tpl", "start_mowing_command_template"},
                                              {"sup_clrm", "supported_color_modes"},
                                              {"t", "topic"},
                                              {"temp_cmd_t", "temperature_command_topic"},
                                              {"temp_cmd_tpl", "temperature_command_template"},
                                              {"temp_stat_t", "temperature_state_topic"},
                                              {"temp_stat_tpl", "temperature_state_template"},
                                              {"temp_unit", "temperature_unit"},
                                              {"uniq_id", "unique_id"},
                                              {"unit_of_meas", "unit_of_measurement"},
                                              {"val_tpl", "value_template"}});

static_assert(std::is_sorted(kTable.begin(), kTable.end()));

}  // namespace

std::string_view whole_key(std::string_view key) {
    const auto at =
        std::lower_bound(kTable.begin(), kTable.end(), key,
                         [](const Short& row, std::string_view name) { return row.first < name; });
    return at != kTable.end() && at->first == key ? at->second : key;
}

}  // namespace ambit::mqtt
