"""Load real series that ship inside statsmodels: no download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_utils.arguments import shown, text

if TYPE_CHECKING:
    import pandas as pd

_SOURCES = {
    "sunspots": ("mean number of sunspots in a year", "National Geophysical Data Center"),
    "co2": ("CO2 in ppm, mean of a month", "Keeling and Whorf, Mauna Loa, Hawaii"),
    "nile": ("volume of a year at Aswan, 10^8 cubic metres", "Cobb 1978, Biometrika 65"),
    "elnino": ("sea surface temperature of a month, deg C", "NOAA, ERSST.V3B, Nino 1+2"),
}


def _by_year(values: pd.Series, years: pd.Series) -> pd.Series:
    """Put a yearly series on an index of first days of January."""
    import pandas as pd

    index = pd.date_range(f"{int(years.iloc[0])}-01-01", periods=len(values), freq="YS")
    return pd.Series(values.to_numpy(dtype="float64"), index=index)


def _co2() -> pd.Series:
    """Average the weekly values by month; months without any value lie on a straight line."""
    from statsmodels.datasets import co2

    return co2.load_pandas().data["co2"].resample("MS").mean().interpolate("linear")


def _elnino() -> pd.Series:
    """Put the table of years and months in one row."""
    import pandas as pd
    from statsmodels.datasets import elnino

    table = elnino.load_pandas().data
    values = table.drop(columns="YEAR").to_numpy(dtype="float64").ravel()
    index = pd.date_range(f"{int(table['YEAR'].iloc[0])}-01-01", periods=len(values), freq="MS")
    return pd.Series(values, index=index)


def _read(name: str) -> pd.Series:
    from statsmodels.datasets import nile, sunspots

    if name == "sunspots":
        data = sunspots.load_pandas().data
        return _by_year(data["SUNACTIVITY"], data["YEAR"])
    if name == "nile":
        data = nile.load_pandas().data
        return _by_year(data["volume"], data["year"])
    return _co2() if name == "co2" else _elnino()


def load_series(name: str) -> pd.Series:
    """Load a real series.

    Args:
        name: one of
            "sunspots": mean number of sunspots, yearly, 1700 to 2008 (309 values);
            "co2": CO2 in the air of Mauna Loa in ppm, mean of each month, March 1958 to December
                2001 (526 values); five months have no value and are interpolated on a straight
                line between their neighbours;
            "nile": flow of the Nile at Aswan, 10^8 cubic metres, yearly, 1871 to 1970 (100 values);
            "elnino": sea surface temperature in degrees Celsius, monthly, 1950 to 2010 (732
                values), Pacific Ocean, 0 to 10 degrees South, 90 to 80 degrees West.

    Returns:
        float64 series called `name`; its index "date" holds the first day of each year or month;
        `attrs` holds "unit" and "source".

    Raises:
        TypeError: when name is not a string.
        ValueError: when the name is unknown.

    >>> nile = load_series("nile")
    >>> len(nile), float(nile.iloc[0]), nile.index[0].year
    (100, 1120.0, 1871)
    """
    if text("name", name, what="the name of a series") not in _SOURCES:
        raise ValueError(f"name={shown(name)} is not a series here; choose one of {[*_SOURCES]}")
    series = _read(name).rename(name).rename_axis("date").astype("float64")
    unit, source = _SOURCES[name]
    series.attrs = {"unit": unit, "source": f"{source} (shipped with statsmodels)"}
    return series
