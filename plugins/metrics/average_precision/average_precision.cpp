// Average precision: the area under the curve of precision over recall, in steps.
// AP = sum_n (R_n - R_(n-1)) P_n over the distinct scores from the highest down. Definition: Manning, Raghavan, Schuetze,
// Introduction to Information Retrieval (2008), section 8.4; ties, and 0 for a class without items, as in scikit-learn's
// average_precision_score; several classes: each against the rest, averaged.
#include <temper/class_scores.h>
#include <temper/metric.h>

namespace {

double area(const std::vector<temper::Tie>& ties) {
  double all = 0, right = 0, wrong = 0, area = 0;
  for (const temper::Tie& tie : ties) all += tie.right;
  if (all == 0) return 0;
  for (const temper::Tie& tie : ties) {
    right += tie.right;
    wrong += tie.wrong;
    area += tie.right / all * (right / (right + wrong));
  }
  return area;
}

class AveragePrecision final : public temper::ClassRankMetric {
 public:
  explicit AveragePrecision(temper::NoOptions) : ClassRankMetric("average_precision", area) {}
};

}  // namespace

TEMPER_CLAIMS("average_precision average_precision_*")
TEMPER_PLUGIN(Metric, AveragePrecision, temper::NoOptions, "average_precision", "Area under the curve of precision over recall, of each class against the rest.")
