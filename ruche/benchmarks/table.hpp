#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

/// The figures of one benchmark run: several samples of each row, taken in turns, compared with the first row.
namespace benchmark {

class table {
public:
    table(std::string title, std::string unit) : title_(std::move(title)), unit_(std::move(unit)) {}

    /// Adds a sample to the row `name`.
    void add(const std::string& name, double sample)
    {
        auto row = std::find_if(rows_.begin(), rows_.end(), [&](const auto& one) { return one.name == name; });
        if (row == rows_.end())
            row = rows_.insert(rows_.end(), {name, {}});
        row->samples.push_back(sample);
    }

    [[nodiscard]] double median(const std::string& name) const
    {
        for (const auto& row : rows_)
            if (row.name == name)
                return middle(row.samples);
        return 0;
    }

    /// Prints a Markdown table. The ratio is to the first row, taken within each turn, so that a busy moment of the
    /// machine counts for both; its median is shown.
    void print() const
    {
        std::printf("### %s\n\n| | median (%s) | least | most | ratio |\n| --- | ---: | ---: | ---: | ---: |\n",
                    title_.c_str(), unit_.c_str());
        for (const auto& row : rows_) {
            const auto [least, most] = std::minmax_element(row.samples.begin(), row.samples.end());
            std::printf("| %s | %.2f | %.2f | %.2f | %.2f |\n", row.name.c_str(), middle(row.samples), *least, *most,
                        ratio(row.samples));
        }
        std::printf("\n");
    }

private:
    struct row_of_samples {
        std::string name;
        std::vector<double> samples;
    };

    static double middle(std::vector<double> samples)
    {
        const auto half = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
        std::nth_element(samples.begin(), half, samples.end());
        return *half;
    }

    [[nodiscard]] double ratio(const std::vector<double>& samples) const
    {
        std::vector<double> ratios;
        const auto& base = rows_.front().samples;
        for (std::size_t turn = 0; turn < std::min(samples.size(), base.size()); ++turn)
            ratios.push_back(samples[turn] / base[turn]);
        return middle(ratios);
    }

    std::string title_, unit_;
    std::vector<row_of_samples> rows_;
};

} // namespace benchmark
