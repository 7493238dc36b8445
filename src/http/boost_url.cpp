// The one translation unit that compiles Boost.URL; every other file only includes its headers.
#include <boost/url/src.hpp>
