// Area under the receiver operating characteristic: how probable it is that an item of a class scores higher for it than another.
// AUROC = (1 / (P N)) sum over pairs of (score of the class's item > score of the other) + 1/2 (equal). Definition: Fawcett, "An
// introduction to ROC analysis" (2006), section 7; several classes: each against the rest, averaged, as scikit-learn's
// roc_auc_score(multi_class="ovr"). NaN where a class has no items, or no others.
#include <limits>

#include <temper/class_scores.h>
#include <temper/metric.h>

namespace {

double area(const std::vector<temper::Tie>& ties) {
  double pairs = 0, right = 0, wrong = 0;
  for (const temper::Tie& tie : ties) {
    pairs += tie.wrong * (right + tie.right / 2);
    right += tie.right;
    wrong += tie.wrong;
  }
  return right > 0 && wrong > 0 ? pairs / right / wrong : std::numeric_limits<double>::quiet_NaN();
}

class Auroc final : public temper::ClassRankMetric {
 public:
  explicit Auroc(temper::NoOptions) : ClassRankMetric("auroc", area) {}
};

}  // namespace

TEMPER_CLAIMS("auroc auroc_*")
TEMPER_PLUGIN(Metric, Auroc, temper::NoOptions, "auroc", "Area under the receiver operating characteristic, of each class against the rest.")
