// The one translation unit that compiles Boost.JSON; every other file only includes its headers.
#include <boost/json/src.hpp>
