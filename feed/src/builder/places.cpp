#include "builder/builder.hpp"

#include "geometry.hpp"
#include "text/ascii.hpp"

// GeoRSS and GML.
namespace feed::detail {

bool builder::start_geometry(frame& top, const std::vector<xml_attribute>& attributes)
{
    switch (top.kind) {
    case tag::geo_point:
    case tag::geo_line:
    case tag::geo_polygon:
    case tag::geo_box:
    case tag::geo_where:
        current().where = geometry_ = memory_.create(geometry{});
        break;
    case tag::gml_point:
        geometry_shape_ = "Point";
        start_shape(attributes);
        break;
    case tag::gml_linestring:
        geometry_shape_ = "LineString";
        start_shape(attributes);
        break;
    case tag::gml_polygon:
        start_shape(attributes);
        break;
    case tag::gml_linearring:
        geometry_shape_ = "Polygon";
        break;
    case tag::gml_exterior:
    case tag::gml_pos:
    case tag::gml_poslist:
        break;
    default:
        return false;
    }
    top.collects = true;
    return true;
}

void builder::start_shape(const std::vector<xml_attribute>& attributes)
{
    metadata& of = current();
    if (of.where == nullptr || geometry_ == nullptr)
        of.where = geometry_ = memory_.create(geometry{});
    geometry_->markup_language = true;
    geometry_->reference_system = find_attribute(attributes, "srsname");
    geometry_->dimension = trim(find_attribute(attributes, "srsdimension")) == "3" ? 3 : 2;
}

void builder::end_geometry(frame& top)
{
    if (geometry_ == nullptr) {
        if (top.kind != tag::gml_pos && top.kind != tag::gml_poslist)
            return;
        current().where = geometry_ = memory_.create(geometry{});
    }
    std::string_view shape = geometry_shape_;
    switch (top.kind) {
    case tag::geo_point:
        shape = "Point";
        break;
    case tag::geo_line:
        shape = "LineString";
        break;
    case tag::geo_polygon:
        shape = "Polygon";
        break;
    case tag::geo_box:
        shape = "Box";
        break;
    case tag::gml_pos:
        shape = "Point";
        break;
    default:
        break;
    }
    read_coordinates(memory_, value_of(top), shape, *geometry_);
}

// geo:lat and geo:long, one after the other, or within a geo:Point.
void builder::keep_position(const element& from)
{
    const element* const latitude = from.name == "point" ? from.child("lat") : nullptr;
    const element* const longitude = from.name == "point" ? from.child("long") : nullptr;
    if (latitude != nullptr && longitude != nullptr) {
        latitude_ = read_coordinate(latitude->text);
        longitude_ = read_coordinate(longitude->text);
    } else if (from.name == "lat") {
        latitude_ = read_coordinate(from.text);
    } else if (from.name == "long") {
        longitude_ = read_coordinate(from.text);
    }
    metadata& of = current();
    if (!latitude_ || !longitude_ || of.where != nullptr)
        return;
    geometry made;
    made.type = "Point";
    list_access::append(memory_, made.coordinates, *longitude_);
    list_access::append(memory_, made.coordinates, *latitude_);
    of.where = memory_.create(made);
    latitude_.reset();
    longitude_.reset();
}

} // namespace feed::detail
