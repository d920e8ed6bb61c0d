// The commands, one file each. Every function adds its command, with its flags and what it runs, to the
// program; main.cpp calls them in the order in which the help lists them.
#pragma once

#include "cli/program.hpp"

namespace quotad::cli {

void add_limits(Program& program);
void add_usage(Program& program);
void add_reset(Program& program);
void add_watch(Program& program);
void add_app_server(Program& program);
void add_generate(Program& program);  // commands of app-server, which must be there
void add_redemptions(Program& program);
void add_doctor(Program& program);
void add_simulate(Program& program);
void add_login(Program& program);
void add_reference_commands(Program& program);
void add_demo(Program& program);
void add_completion(Program& program);
void add_man_page(Program& program);
void add_help(Program& program);

}  // namespace quotad::cli
