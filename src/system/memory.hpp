// Memory that is free goes back to the system, also after a burst.
#pragma once

namespace quotad::system {

// Once, at the start: large blocks are the system's as soon as they are freed, however many there were
// before. glibc would take larger and larger ones from its heap, which keeps them.
void keep_heap_small();

// Gives back what is free in the heap, if that was not done within the last second; takes a moment.
void trim_heap();

}  // namespace quotad::system
